/// What a peer did that ends its connection.
///
/// Every case is the peer's doing; none is a reason to close anything but the one connection. Values only: the text is
/// made in `description`, and holds no more of the peer's bytes than a sanitised name.
public enum ZMTPError: Error, Equatable, Sendable {
    /// The first bytes are no ZMTP signature: another protocol speaks here.
    case notZMTP
    /// The peer speaks ZMTP 1 or 2.
    case unsupportedVersion(major: UInt8)
    /// The peer offers another security mechanism than ours.
    case mechanismMismatch(peer: Mechanism, ours: Mechanism)
    /// A frame has bits set that ZMTP reserves.
    case reservedFlags(UInt8)
    /// A command frame says that more frames follow.
    case commandWithMore
    /// A frame announces more bytes than we take.
    case frameTooLarge(declaredBytes: UInt64, limitBytes: Int)
    /// The frames of a message announce more bytes together than we take.
    case messageTooLarge(limitBytes: Int)
    /// A message has more frames than we take.
    case tooManyFrames(limit: Int)
    /// A command announces more bytes than we take.
    case commandTooLarge(declaredBytes: UInt64, limitBytes: Int)
    /// A command's body does not have the form its name asks for.
    case malformedCommand(name: String)
    /// The metadata of READY cannot be read.
    case malformedMetadata
    /// READY names no socket type.
    case missingSocketType
    /// READY names a socket type that does not exist.
    case unknownSocketType(String)
    /// The two socket types do not talk to each other.
    case incompatibleSocketTypes(peer: SocketType, ours: SocketType)
    /// The identity has more than 255 bytes.
    case identityTooLong(bytes: Int)
    /// The identity begins with 0x00, which is kept for identities that a ROUTER invents.
    case reservedIdentity
    /// Something else than READY came where the handshake wants it.
    case readyExpected
    /// A command came at a time when it has no place.
    case unexpectedCommand(name: String)
    /// The peer refused us with an ERROR command.
    case refusedByPeer(reason: String)
    /// A subscriber asked for more topics than we keep for one peer.
    case tooManySubscriptions(limit: Int)
    /// A subscriber asked for a longer topic than we keep.
    case topicTooLong(limitBytes: Int)
    /// A request or reply lacks the empty delimiter frame, or has not exactly one payload frame.
    case malformedEnvelope
    /// A reply came that nobody asked for.
    case unexpectedReply
}

extension ZMTPError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notZMTP:
            "peer does not speak ZMTP: check that it means this port"
        case .unsupportedVersion(let major):
            "peer speaks ZMTP \(major), 3.0 or later is required: update its libzmq to 4.0 or later"
        case .mechanismMismatch(let peer, let ours):
            "peer offers the security mechanism \(peer), this socket requires \(ours): configure both ends alike"
        case .reservedFlags(let flags):
            "peer sent a frame with the reserved flags 0x\(String(flags, radix: 16)): it does not keep to ZMTP 3"
        case .commandWithMore:
            "peer sent a command in several frames: it does not keep to ZMTP 3"
        case .frameTooLarge(let declared, let limit):
            "peer announced a \(declared)-byte frame over the limit of \(limit): raise the limit if you trust it"
        case .messageTooLarge(let limit):
            "peer announced a message over the limit of \(limit) bytes: raise the limit if you trust it"
        case .tooManyFrames(let limit):
            "peer sent a message of more than \(limit) frames: raise the limit if you trust it"
        case .commandTooLarge(let declared, let limit):
            "peer announced a \(declared)-byte command over the limit of \(limit)"
        case .malformedCommand(let name):
            "peer sent a malformed \(name) command"
        case .malformedMetadata:
            "peer sent READY with metadata that cannot be read"
        case .missingSocketType:
            "peer sent READY without a socket type"
        case .unknownSocketType(let name):
            "peer is a \(name) socket, which does not exist"
        case .incompatibleSocketTypes(let peer, let ours):
            "peer is a \(peer.rawValue) socket, which does not talk to \(ours.rawValue): check that it means this port"
        case .identityTooLong(let bytes):
            "peer has an identity of \(bytes) bytes, 255 are allowed"
        case .reservedIdentity:
            "peer has an identity beginning with a zero byte, which is reserved"
        case .readyExpected:
            "peer sent something else than READY during the handshake"
        case .unexpectedCommand(let name):
            "peer sent the command \(name) at a time when it has no place"
        case .refusedByPeer(let reason):
            "peer refused the connection: \(reason)"
        case .tooManySubscriptions(let limit):
            "peer subscribed to more than \(limit) topics"
        case .topicTooLong(let limit):
            "peer subscribed to a topic of more than \(limit) bytes"
        case .malformedEnvelope:
            "peer sent a message that is not an empty delimiter and one payload"
        case .unexpectedReply:
            "peer sent a reply to which there is no request"
        }
    }
}

extension ZMTPError {
    /// A peer's text made safe for a log line: at most 64 printable ASCII characters, `?` for all others.
    static func printable(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes.prefix(64) {
            text.unicodeScalars.append((0x20..<0x7f).contains(byte) ? Unicode.Scalar(byte) : "?")
        }
        return text
    }
}
