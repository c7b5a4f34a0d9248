/// Why bytes are not the Marshal that we read. Offsets count from the first byte of the input.
package enum MarshalError: Error, Hashable, Sendable {
    /// The input does not begin with the version 4.8, or an older 4.x.
    case unknownVersion
    /// The value at `offset` needs at least `missingBytes` more than there are. A declared length or count that the rest
    /// cannot hold is reported as this, before any memory is taken for it.
    case truncated(offset: Int, missingBytes: Int)
    /// Bytes behind the value.
    case trailingBytes(offset: Int, count: Int)
    /// A type byte that Marshal does not have.
    case unknownType(offset: Int, byte: UInt8)
    /// A type that would need a class: an object, a structure, a user's own dump, a class or a module.
    case refusedType(offset: Int, name: String)
    /// A value that Marshal has, where it cannot stand: an attribute of something that has none, a wrapper in a wrapper.
    case misplaced(offset: Int)
    /// A length or count below zero.
    case negativeCount(offset: Int)
    /// A link to a symbol or an object that is not there, or to one that has not ended.
    case danglingLink(offset: Int)
    /// A symbol or name that is not UTF-8.
    case invalidText(offset: Int)
    /// Digits that are no number.
    case invalidNumber(offset: Int)
    case inputTooLong(bytes: Int, limit: Int)
    case integerTooLong(offset: Int, bytes: Int, limit: Int)
    /// Links that stand for more bytes than an input may have.
    case linksTooLong(offset: Int, limit: Int)
    case tooDeep(offset: Int, limit: Int)
    case tooManyValues(offset: Int, limit: Int)
}

extension MarshalError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownVersion:
            "not Ruby Marshal 4.8: check that both ends use the same serialiser and base64 setting"
        case .truncated(let offset, let missing):
            "the value at byte \(offset) is cut off: at least \(missing) more bytes announced than present"
        case .trailingBytes(let offset, let count): "\(count) bytes follow the value that ends at byte \(offset)"
        case .unknownType(let offset, let byte): "byte \(offset) is \(byte), which is no type of Marshal"
        case .refusedType(let offset, let name): "byte \(offset) begins a \(name): only plain data is read"
        case .misplaced(let offset): "the value at byte \(offset) cannot stand there"
        case .negativeCount(let offset): "the count at byte \(offset) is negative"
        case .danglingLink(let offset): "the link at byte \(offset) leads nowhere"
        case .invalidText(let offset): "the name at byte \(offset) is not UTF-8"
        case .invalidNumber(let offset): "the number at byte \(offset) is none"
        case .inputTooLong(let bytes, let limit): "\(bytes) bytes are more than the limit of \(limit)"
        case .integerTooLong(let offset, let bytes, let limit):
            "the integer at byte \(offset) has \(bytes) bytes, over the limit of \(limit)"
        case .linksTooLong(let offset, let limit):
            "links stand for more than the limit of \(limit) bytes, reached at byte \(offset)"
        case .tooDeep(let offset, let limit): "the value at byte \(offset) is nested deeper than the limit of \(limit)"
        case .tooManyValues(let offset, let limit):
            "more than the limit of \(limit) values, reached at byte \(offset)"
        }
    }
}
