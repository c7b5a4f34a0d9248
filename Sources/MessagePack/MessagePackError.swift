/// Why bytes are not the MessagePack that was asked for. Offsets count from the start of the reader's bytes.
public enum MessagePackError: Error, Hashable, Sendable {
    /// The value at `offset` needs at least `missingBytes` more than there are. A declared length or count that the
    /// rest of the input cannot hold is reported as this, before any memory is taken for it.
    case truncated(offset: Int, missingBytes: Int)
    /// The byte `c1`, which MessagePack never uses.
    case reservedByte(offset: Int)
    /// A str, bin or ext longer than the limit.
    case tooLong(offset: Int, declaredBytes: Int, limitBytes: Int)
    /// Arrays and maps inside each other beyond the limit.
    case tooDeep(offset: Int, limit: Int)
    /// More values in one tree than the limit.
    case tooManyValues(offset: Int, limit: Int)
    /// Another kind of value than the reader was asked for.
    case unexpectedKind(offset: Int, expected: MessagePackToken.Kind, found: MessagePackToken.Kind)
    /// An integer that does not fit into the type asked for.
    case integerOutOfRange(offset: Int)
    /// Text was asked for and the bytes are not UTF-8.
    case invalidText(offset: Int)
    /// Bytes behind the value that should have been the last.
    case trailingBytes(offset: Int, count: Int)
}

extension MessagePackError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let offset, let missing):
            "the value at byte \(offset) is cut off: at least \(missing) more bytes announced than present"
        case .reservedByte(let offset):
            "byte \(offset) is c1, which is not MessagePack"
        case .tooLong(let offset, let declared, let limit):
            "the value at byte \(offset) announces \(declared) bytes, over the limit of \(limit)"
        case .tooDeep(let offset, let limit):
            "the value at byte \(offset) is nested deeper than the limit of \(limit)"
        case .tooManyValues(let offset, let limit):
            "more than the limit of \(limit) values, reached at byte \(offset)"
        case .unexpectedKind(let offset, let expected, let found):
            "the value at byte \(offset) is \(found.rawValue) where \(expected.rawValue) was expected"
        case .integerOutOfRange(let offset):
            "the integer at byte \(offset) is out of range"
        case .invalidText(let offset):
            "the text at byte \(offset) is not UTF-8"
        case .trailingBytes(let offset, let count):
            "\(count) bytes follow the value that ends at byte \(offset)"
        }
    }
}
