/// Which nodes a job is for, as the operator said it. `TargetMatcher` decides for one node, `TargetResolver` for a fleet.
package struct Target: Sendable, Hashable, Codable {
    /// How `expression` is read. The raw values are Salt's `tgt_type`.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case glob
        case pcre
        case list
        case facts = "grain"
        case factsPCRE = "grain_pcre"
        case pillar
        case pillarPCRE = "pillar_pcre"
        case pillarExact = "pillar_exact"
        case address = "ipcidr"
        case nodegroup
        case compound
    }

    package var kind: Kind
    /// The text; for `list` the ids joined by commas, for `compound` the words joined by spaces.
    package var expression: String
    /// What separates the levels of a facts or pillar path. One character in practice, `:` by default.
    package var delimiter: String

    package init(_ kind: Kind, _ expression: String, delimiter: String = ":") {
        self.kind = kind
        self.expression = expression
        self.delimiter = delimiter
    }

    /// A list of ids.
    package init(nodes: some Sequence<NodeID>) {
        self.init(.list, nodes.map(\.text).joined(separator: ","))
    }

    /// The ids of a `list`, blanks trimmed, empty ones left out; empty for every other kind.
    package var listedNames: [String] {
        guard kind == .list else { return [] }
        return expression.split(separator: ",").map {
            String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        .filter { !$0.isEmpty }
    }
}
