/// The nodes a target means.
package struct TargetPreview: Sendable, Hashable, Codable {
    package struct Node: Sendable, Hashable, Codable {
        package var node: NodeID
        package var isConnected: Bool
        package init(node: NodeID, isConnected: Bool) {
            self.node = node
            self.isConnected = isConnected
        }
    }

    /// Sorted by id.
    package var nodes: [Node]
    /// Ids given by name that have no accepted key, sorted.
    package var missing: [String]
    /// Accepted nodes that could not be judged because they never reported facts, sorted.
    package var unjudged: [NodeID]
    /// What an operator should know who believes that these are all: nodes of a fabric that could not be asked.
    package var warnings: [String]

    package init(nodes: [Node], missing: [String], unjudged: [NodeID], warnings: [String] = []) {
        self.nodes = nodes
        self.missing = missing
        self.unjudged = unjudged
        self.warnings = warnings
    }
}
