/// Words as a shell splits them: blanks separate, quotes and backslashes keep together.
enum ShellWords {
    /// The words of `MCOLLECTIVE_EXTRA_OPTS`.
    ///
    /// - Throws: ``McoFailure`` when a quote does not end.
    static func split(_ text: String) throws(McoFailure) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = text[...]
        while let next = rest.popFirst() {
            switch (next, quote) {
            case ("'", nil), ("\"", nil):
                quote = next
                word = word ?? ""
            case (_, next): quote = nil
            case ("\\", nil), ("\\", "\""): word = (word ?? "") + (rest.popFirst().map(String.init) ?? "")
            case (_, nil) where next.isWhitespace:
                if let finished = word { words.append(finished) }
                word = nil
            default: word = (word ?? "") + String(next)
            }
        }
        guard quote == nil else { throw McoFailure("Unmatched quote: \(text)") }
        return words + (word.map { [$0] } ?? [])
    }
}
