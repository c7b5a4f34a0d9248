/// One MessagePack value without its contents: a scalar, the place of some bytes, or the head of a container.
///
/// The elements of an array and the keys and values of a map follow as the next tokens.
public enum MessagePackToken: Hashable, Sendable {
    case null
    case bool(Bool)
    /// Every integer that fits, whatever its encoding.
    case int(Int64)
    /// An integer above `Int64.max`.
    case uint(UInt64)
    case float(Float)
    case double(Double)
    /// The contents of a str (fixstr, str8, str16, str32). They need not be UTF-8: before MessagePack had bin, peers put
    /// bytes here too.
    case string(Range<Int>)
    /// The contents of a bin.
    case binary(Range<Int>)
    /// Its number of elements.
    case array(count: Int)
    /// Its number of key and value pairs.
    case map(count: Int)
    case ext(type: Int8, Range<Int>)
}

extension MessagePackToken {
    /// The kinds of values; raw values are for messages.
    public enum Kind: String, Hashable, Sendable {
        case null
        case bool
        case integer
        case float
        case string
        case binary
        case array
        case map
        case ext
    }

    /// What kind of value the token begins.
    public var kind: Kind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int, .uint: .integer
        case .float, .double: .float
        case .string: .string
        case .binary: .binary
        case .array: .array
        case .map: .map
        case .ext: .ext
        }
    }
}
