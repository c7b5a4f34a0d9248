import MCollectiveProtocol

/// Which nodes are in which collectives.
///
/// Source: MCollective 2.12, `application/inventory.rb`, `collectives_report`, `collectives_map`.
struct CollectiveMembers: Sendable {
    private let layout: McoLayout
    /// In the order in which they were heard of.
    private var collectives: [(name: String, members: [String])] = []
    /// How many nodes have answered.
    private(set) var nodes = 0

    init(layout: McoLayout) { self.layout = layout }

    /// Takes in what a node says of itself.
    mutating func add(_ node: String, _ names: [String]) {
        nodes += 1
        for name in names {
            if let place = collectives.firstIndex(where: { $0.name == name }) {
                collectives[place].members.append(node)
            } else {
                collectives.append((name, [node]))
            }
        }
    }

    /// The smallest collective first.
    var table: String {
        let places = collectives.indices.sorted {
            (collectives[$0].members.count, $0) < (collectives[$1].members.count, $1)
        }
        var lines = [("Collective", "Nodes"), ("==========", "=====")]
        lines += places.map { (layout.name(collectives[$0].name), String(collectives[$0].members.count)) }
        return lines.map { "   \(RubyText.padded($0.0, 30)) \($0.1)\n" }.joined()
            + "\n   \(RubyText.aligned("Total nodes:", 30)) \(nodes)\n\n"
    }

    /// For Graphviz. Names are escaped, since nodes choose them.
    var graph: String {
        var text = "graph {\n"
        for (name, members) in collectives.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            text += "   subgraph \(quoted(name)) {\n"
            text += members.map { "      \(quoted($0)) -- \(quoted(name))\n" }.joined()
            text += "   }\n"
        }
        return text + "}\n"
    }

    private func quoted(_ name: String) -> String {
        "\"\(TerminalText.line(name).replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }
}
