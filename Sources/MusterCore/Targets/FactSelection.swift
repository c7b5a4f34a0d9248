/// Which of a node's facts a question needs. Facts are large and a fleet has many: only these are read.
package enum FactSelection: Sendable, Hashable {
    case all
    /// The top-level names; an empty set needs no facts at all.
    case named(Set<String>)

    package static let none = FactSelection.named([])

    package func union(_ other: FactSelection) -> FactSelection {
        guard case .named(let ours) = self, case .named(let theirs) = other else { return .all }
        return .named(ours.union(theirs))
    }

    /// Whether an entry with this key may be needed. Paths find keys that are no text by their YAML form, so those always.
    package func contains(_ key: Value) -> Bool {
        guard case .named(let names) = self, let text = key.string else { return true }
        return names.contains(text)
    }
}

extension FactPath {
    /// The facts that `matches` can look at for this expression.
    static func selection(_ expression: String, delimiter: String) -> FactSelection {
        let parts = split(expression, by: delimiter)
        guard let name = parts.first, parts.count > 1 else { return .none }
        return name == "*" ? .all : .named([name])
    }
}
