/// Lets a dictionary counted by outcome be a map in JSON (`{"ok": 3, "failed": 1}`) instead of a list of pairs.
extension Outcome.Kind: CodingKeyRepresentable {}
