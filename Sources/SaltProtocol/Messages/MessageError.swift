public import MessagePack

/// Why a message of a peer is not what it should be. Requests to a controller have their own: ``RequestRefusal``.
public enum MessageError: Error, Hashable, Sendable {
    case undecodable(MessagePackError)
    case missingField(String)
    /// The field is there and its value cannot be used.
    case invalidField(String)
}

extension MessageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .undecodable(let error): "the message is not MessagePack: \(error)"
        case .missingField(let name): "the message has no '\(name)'"
        case .invalidField(let name): "the message has a '\(name)' that cannot be used"
        }
    }
}
