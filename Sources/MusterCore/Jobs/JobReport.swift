/// How a job stands.
package struct JobReport: Sendable, Hashable, Codable {
    package var job: Job
    package var ended: Timestamp?
    /// Every expected node in its one outcome, sorted by id.
    package var nodes: [Expectation]
    /// Nodes that answered without being expected, sorted.
    package var unexpected: [NodeID]

    package init(job: Job, ended: Timestamp?, nodes: [Expectation], unexpected: [NodeID]) {
        self.job = job
        self.ended = ended
        self.nodes = nodes
        self.unexpected = unexpected
    }

    /// How many expected nodes are in each outcome; the numbers add up to `nodes.count`.
    package var counts: [Outcome.Kind: Int] {
        nodes.reduce(into: [:]) { $0[$1.outcome.kind, default: 0] += 1 }
    }
}
