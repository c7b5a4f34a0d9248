package import MusterCore

/// Targets as Salt's `tgt`, `tgt_type` and `delimiter`.
extension Target {
    /// The target of a publish. `tgt` is a text; for `list` and `compound` it may be an array.
    ///
    /// - Returns: Nil for a type that we do not know (`range`, `data`, resources) or a `tgt` of another shape: such a
    ///   target matches no node.
    package init?(saltTarget target: Value, type: String, delimiter: String?) {
        guard let kind = Kind(rawValue: type) else { return nil }
        let expression: String
        switch (target, kind) {
        case (.string(let text), _):
            expression = text
        case (.array(let parts), .list), (.array(let parts), .compound):
            let words = parts.compactMap(\.string)
            guard words.count == parts.count else { return nil }
            expression = words.joined(separator: kind == .list ? "," : " ")
        default:
            return nil
        }
        self.init(kind, expression, delimiter: delimiter ?? ":")
    }

    /// `tgt`: an array for a list, else the text.
    package var saltTarget: Value {
        kind == .list ? .array(listedNames.map(Value.string)) : .string(expression)
    }
}
