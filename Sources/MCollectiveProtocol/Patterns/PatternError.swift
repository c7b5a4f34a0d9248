/// Why a regular expression of a peer is refused.
package enum PatternError: Error, Hashable, Sendable {
    case notUTF8
    case tooLong(bytes: Int, limit: Int)
    /// Repetitions that unfold to more steps than the limit.
    case tooLarge(limit: Int)
    case tooDeep(limit: Int)
    /// Something of Ruby's that cannot be matched in linear time, or that no filter needs: at this character.
    case unsupported(String, offset: Int)
    /// No regular expression: at this character.
    case malformed(offset: Int)
}

extension PatternError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notUTF8: "the regular expression is not UTF-8"
        case .tooLong(let bytes, let limit): "the regular expression has \(bytes) bytes, over the limit of \(limit)"
        case .tooLarge(let limit): "the regular expression unfolds to more than \(limit) steps"
        case .tooDeep(let limit): "the regular expression is nested deeper than \(limit)"
        case .unsupported(let what, let offset):
            "\(what) in a regular expression, at character \(offset + 1): not allowed in filters"
        case .malformed(let offset): "not a regular expression, at character \(offset + 1)"
        }
    }
}
