/// What is wrong with a selector, and where.
public enum SelectorError: Error, Hashable, Sendable {
    /// There is nothing in it.
    case empty
    case tooLong(limitBytes: Int)
    /// Parentheses and NOTs are nested deeper than we follow.
    case tooDeep(limit: Int)
    case unterminatedText(offset: Int)
    case malformedNumber(String, offset: Int)
    case unexpectedCharacter(Character, offset: Int)
    /// Something else stands where `expected` must be.
    case expected(String, found: String, offset: Int)
    /// The condition is right, and uses what we do not evaluate.
    case unsupported(String, offset: Int)
}

extension SelectorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "the selector is empty: leave the header out to get all messages"
        case .tooLong(let limit): "the selector is longer than \(limit) bytes"
        case .tooDeep(let limit): "the selector is nested deeper than \(limit) levels"
        case .unterminatedText(let offset): "the text that begins at \(offset) has no closing quote"
        case .malformedNumber(let text, let offset): "\"\(text)\" at \(offset) is no number"
        case .unexpectedCharacter(let character, let offset): "unexpected \"\(character)\" at \(offset)"
        case .expected(let what, let found, let offset): "expected \(what) at \(offset), found \(found)"
        case .unsupported(let what, let offset):
            "\(what) at \(offset) is not supported: use =, <>, <, <=, >, >=, AND, OR, NOT, IN, LIKE, BETWEEN, IS NULL"
        }
    }
}
