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
            identities = [.text(Filter.test(glob: target.expression))]
        case .pcre: identities = [.text("/^(?:\(target.expression))/")]
        case .list: identities = target.listedNames.map { .text($0) }
        case .facts:
            guard let (name, value) = Filter.fact(target) else { return nil }
            let test = Filter.test(glob: value)
            facts = [FactTest(name, test == value ? .equal : .matches, test)]
        case .factsPCRE:
            guard let (name, value) = Filter.fact(target) else { return nil }
            facts = [FactTest(name, .matches, "/^(?:\(value))/")]
        case .pillar, .pillarPCRE, .pillarExact, .address, .nodegroup, .compound: return nil
        }
    }

    /// What stands in front of the last delimiter, and behind it.
    private static func fact(_ target: Target) -> (name: String, value: String)? {
        let parts = target.expression.split(separator: target.delimiter, omittingEmptySubsequences: false)
        guard parts.count > 1, let value = parts.last else { return nil }
        return (parts.dropLast().joined(separator: "."), String(value))
    }

    /// A glob as a pattern between slashes; one without wildcards as it is.
    private static func test(glob: String) -> String {
        guard glob.contains(where: { "*?[".contains($0) }) else { return glob }
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
                pattern += rest.hasPrefix("!") ? "[^\(set)]" : "[\(set)]"
                rest = members[members.index(after: end)...]
            case let other where other.isLetter || other.isNumber || other == "_" || other == "-":
                pattern.append(other)
            case let other: pattern += "\\\(other)"
            }
        }
        return "/^\(pattern)$/"
    }
}
