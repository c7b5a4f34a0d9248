/// Why a text is not the YAML that we read, and in which line.
package struct YAMLError: Error, Hashable, Sendable {
    /// What is wrong.
    package enum Problem: Hashable, Sendable {
        case notUTF8
        case tooLong(bytes: Int, limit: Int)
        case tooDeep(limit: Int)
        case tooManyValues(limit: Int)
        /// An anchor or an alias: a few of them can mean a million values, and peers do not read them either.
        case alias
        /// A tag that asks for a class.
        case refusedTag(String)
        /// A quoted text or a bracket without its end.
        case unfinished
        /// Text that the grammar does not know there.
        case unexpected
        case invalidEscape
        case invalidValue(tag: String)
    }

    /// Counted from one.
    package let line: Int
    package let problem: Problem
}

extension YAMLError: CustomStringConvertible {
    package var description: String {
        let text =
            switch problem {
            case .notUTF8: "not UTF-8"
            case .tooLong(let bytes, let limit): "\(bytes) bytes are more than the limit of \(limit)"
            case .tooDeep(let limit): "nested deeper than the limit of \(limit)"
            case .tooManyValues(let limit): "more than the limit of \(limit) values"
            case .alias: "anchors and aliases are not read"
            case .refusedTag(let tag): "the tag \(tag.prefix(40)) is refused: only plain data is read"
            case .unfinished: "a quote or bracket is not closed"
            case .unexpected: "this is no YAML, or a part of it that peers do not write"
            case .invalidEscape: "an escape that does not exist"
            case .invalidValue(let tag): "what follows \(tag) is not of that kind"
            }
        return "line \(line): \(text)"
    }
}
