import MCollectiveProtocol

/// The values of a fact with how many nodes have each.
///
/// Source: MCollective 2.12, `application/facts.rb`.
struct FactsText: Sendable {
    var layout: McoLayout
    /// Whether the nodes are named.
    var isVerbose: Bool

    /// - Parameter nodes: By value.
    func text(_ fact: String, _ nodes: [String: [String]]) -> String {
        guard !nodes.isEmpty else { return "No values found for fact \(fact)\n" }
        let values = nodes.keys.sortedByBytes()
        let width = NameColumns.width(values, atLeast: 40)
        return "Report for fact: \(fact)\n\n" + values.map { line($0, nodes[$0] ?? [], width: width) }.joined()
    }

    private func line(_ value: String, _ names: [String], width: Int) -> String {
        let line = "        \(RubyText.padded(layout.shown(value), width)) found \(names.count) times\n"
        guard isVerbose else { return line }
        let list = names.map(layout.name).sortedByBytes().map { "            \($0)\n" }.joined()
        return line + "\n" + list + "\n"
    }
}
