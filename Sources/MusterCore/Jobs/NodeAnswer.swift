/// One node's answer, translated for people.
package struct NodeAnswer: Sendable, Hashable, Codable {
    package var node: NodeID
    package var function: String
    package var value: Value
    package var returnCode: Int
    package var hasSucceeded: Bool
    package var outputter: String?
    package var received: Timestamp
    /// False for a node that matched by itself without being expected.
    package var isExpected: Bool

    package init(
        node: NodeID, function: String, value: Value, returnCode: Int, hasSucceeded: Bool, outputter: String?,
        received: Timestamp, isExpected: Bool
    ) {
        self.node = node
        self.function = function
        self.value = value
        self.returnCode = returnCode
        self.hasSucceeded = hasSucceeded
        self.outputter = outputter
        self.received = received
        self.isExpected = isExpected
    }
}
