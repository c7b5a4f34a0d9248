/// Who of the expected nodes has answered: when a client stops, and what it says of the silent and the unexpected.
///
/// Replies of nodes that were not expected count as answers, as for the peers, and are listed. A second reply of one node
/// is refused, which the peers do not do: it would be counted in the place of a node that is still missing.
package struct ReplyTally: Hashable, Sendable {
    /// What a reply is.
    package enum Verdict: Hashable, Sendable {
        case expected
        case unexpected
        /// This node has answered before.
        case repeated
    }

    private let expected: Set<String>
    private var answered: Set<String> = []

    /// - Parameter expected: The nodes that discovery found or that were named; empty when nobody knows.
    package init(expected: some Sequence<String>) { self.expected = Set(expected) }

    /// Takes in a reply by its sender.
    package mutating func received(from sender: String) -> Verdict {
        guard answered.insert(sender).inserted else { return .repeated }
        return expected.contains(sender) ? .expected : .unexpected
    }

    /// Whether every expected node has answered. Never when none was expected: then only time ends the waiting.
    package var isComplete: Bool { !expected.isEmpty && expected.isSubset(of: answered) }

    /// How many nodes have answered.
    package var count: Int { answered.count }

    /// Expected nodes that are silent, sorted.
    package var missing: [String] { expected.subtracting(answered).sorted() }

    /// Nodes that answered and were not expected, sorted.
    package var unexpected: [String] { answered.subtracting(expected).sorted() }
}
