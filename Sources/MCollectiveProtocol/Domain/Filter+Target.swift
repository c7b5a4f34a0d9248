package import MusterCore

extension Filter {
    /// The filter that means what a target means; nil when nodes of a collective cannot judge such a target: pillar,
    /// addresses, nodegroups and compound expressions.
    ///
    /// Levels of a facts path are joined by dots, as facts of nested files are named.
    package init?(_ target: Target) {
        self.init()
        switch target.kind {
        case .glob:
            guard target.expression != "*" else { return }
            if let pattern = Filter.pattern(glob: target.expression) {
                identities = [.text("/\\A\(pattern)\\z/")]
            } else {
                // A name that begins with a slash would be a pattern.
                guard Identity.isValid(target.expression) else { return nil }
                identities = [.text(target.expression)]
            }
        case .pcre: identities = [.text("/\\A(?:\(target.expression))/")]
        case .list:
            identities = target.listedNames.filter(Identity.isValid).map { .text($0) }
            guard !identities.isEmpty else { return nil }
        case .facts:
            guard let (name, value) = Filter.fact(target) else { return nil }
            // Salt's wire compares facts without regard to case.
            let pattern = Filter.pattern(glob: value) ?? Filter.escaped(value)
            facts = [FactTest(name, .matches, "/\\A(?i:\(pattern))\\z/")]
        case .factsPCRE:
            guard let (name, value) = Filter.fact(target) else { return nil }
            facts = [FactTest(name, .matches, "/\\A(?:\(value))/")]
        case .pillar, .pillarPCRE, .pillarExact, .address, .nodegroup, .compound: return nil
        }
    }

    /// What stands in front of the last delimiter, and behind it.
    private static func fact(_ target: Target) -> (name: String, value: String)? {
        let parts = target.expression.split(separator: target.delimiter, omittingEmptySubsequences: false)
        guard parts.count > 1, let value = parts.last else { return nil }
        return (parts.dropLast().joined(separator: "."), String(value))
    }

    private static func escaped(_ text: some StringProtocol) -> String {
        text.reduce(into: "") { pattern, character in
            let isPlain = character.isLetter || character.isNumber || character == "_" || character == "-"
            pattern += isPlain ? "\(character)" : "\\\(character)"
        }
    }

    /// A glob as a pattern, nil when it has no wildcards.
    private static func pattern(glob: String) -> String? {
        guard glob.contains(where: { "*?[".contains($0) }) else { return nil }
        var pattern = ""
        var rest = glob[...]
        while let character = rest.popFirst() {
            switch character {
            case "*": pattern += ".*"
            case "?": pattern += "."
            case "[":
                // A set ends at the first bracket that is not its first member.
                let members = rest.hasPrefix("!") ? rest.dropFirst() : rest
                guard let end = members.dropFirst().firstIndex(of: "]") else {
                    pattern += "\\["
                    continue
                }
                let set = members[..<end].replacing("\\", with: "\\\\").replacing("[", with: "\\[")
                    .replacing("^", with: "\\^")
                pattern += rest.hasPrefix("!") ? "[^\(set)]" : "[\(set)]"
                rest = members[members.index(after: end)...]
            case let other: pattern += escaped(String(other))
            }
        }
        return pattern
    }
}
