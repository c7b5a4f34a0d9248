/// Why a node is in its outcome.
package struct NodeTimeline: Sendable, Hashable, Codable {
    package var node: NodeID
    /// Nil when the job did not expect the node.
    package var outcome: Outcome?
    package var notes: [TimelineNote]

    package init(node: NodeID, outcome: Outcome?, notes: [TimelineNote]) {
        self.node = node
        self.outcome = outcome
        self.notes = notes
    }
}
