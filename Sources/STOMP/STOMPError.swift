/// What a peer did that ends its connection, or what we may not do with it.
///
/// Values only: the text is made in `description`, and holds no more of the peer's bytes than a sanitised name.
public enum STOMPError: Error, Hashable, Sendable {
    // The bytes.
    /// The first line of a frame is no command: another protocol speaks here.
    case unknownCommand(String)
    /// A header line has no colon, no name, or a NUL in it.
    case malformedHead
    /// A header of a 1.2 connection has an escape that does not exist.
    case undefinedEscape
    case lineTooLong(limitBytes: Int)
    case tooManyHeaders(limit: Int)
    case headTooLarge(limitBytes: Int)
    case malformedContentLength(String)
    /// Two `content-length` headers say different things.
    case contradictoryContentLength
    /// A body is longer than we take.
    ///
    /// - declaredBytes: What `content-length` says; nil when there is none.
    case bodyTooLarge(declaredBytes: Int?, limitBytes: Int)
    /// No NUL stands where `content-length` says that the body ends.
    case bodyNotTerminated

    // The session.
    /// A frame came at a time, or from a side, that has no place for it.
    case unexpectedCommand(Command)
    case missingHeader(String, in: Command)
    case malformedHeader(String, in: Command)
    /// No version is common to both sides.
    case noCommonVersion(peer: String)
    /// CONNECTED did not come, or CONNECT did not, in time.
    case connectTimedOut
    /// The peer sends no heart-beats any more.
    case silent(milliseconds: Int)
    /// The peer ended the session with an ERROR frame.
    case refusedByPeer(message: String)

    // Our own doing.
    /// The session is not, or not any more, connected.
    case notConnected
    /// There is a subscription of this id already.
    case duplicateSubscription(id: String)
    case unknownSubscription(id: String)
    /// The delivery came over a connection that is gone, so nobody is there to be told.
    case staleDelivery
    /// 1.0 has no NACK.
    case nackUnsupported
    case tooManyPendingReceipts(limit: Int)
}

extension STOMPError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownCommand(let text):
            "peer sent \"\(text)\" where a STOMP command belongs: check that it means this port"
        case .malformedHead: "peer sent a header line without a name and a colon, or with a NUL in it"
        case .undefinedEscape: "peer sent a header with an escape that STOMP 1.2 does not know"
        case .lineTooLong(let limit): "peer sent a header line over the limit of \(limit) bytes"
        case .tooManyHeaders(let limit): "peer sent a frame of more than \(limit) headers"
        case .headTooLarge(let limit): "peer sent a frame whose headers are over the limit of \(limit) bytes"
        case .malformedContentLength(let text): "peer sent the content-length \"\(text)\", which is no number"
        case .contradictoryContentLength: "peer sent two content-length headers that differ"
        case .bodyTooLarge(let declared?, let limit):
            "peer announced a body of \(declared) bytes over the limit of \(limit): raise the limit if you trust it"
        case .bodyTooLarge(nil, let limit):
            "peer sent a body over the limit of \(limit) bytes: raise the limit if you trust it"
        case .bodyNotTerminated: "peer sent a body that does not end where its content-length says"
        case .unexpectedCommand(let command): "peer sent \(command.rawValue) at a time when it has no place"
        case .missingHeader(let name, let command): "\(command.rawValue) must have a header \(name)"
        case .malformedHeader(let name, let command): "\(command.rawValue) has a header \(name) that cannot be read"
        case .noCommonVersion(let peer): "peer speaks the versions \(peer), and none of ours"
        case .connectTimedOut: "peer did not finish connecting in time"
        case .silent(let milliseconds): "peer was silent for \(milliseconds) ms, longer than its heart-beats promise"
        case .refusedByPeer(let message): "peer ended the session: \(message)"
        case .notConnected: "the session is not connected"
        case .duplicateSubscription(let id): "there is a subscription \(id) already"
        case .unknownSubscription(let id): "there is no subscription \(id)"
        case .staleDelivery: "the message came over a connection that is gone; the broker delivers it again"
        case .nackUnsupported: "STOMP 1.0 cannot refuse a message"
        case .tooManyPendingReceipts(let limit): "more than \(limit) receipts are outstanding"
        }
    }
}

extension STOMPError {
    /// A few words for the `message` header of an ERROR frame; the body has the rest.
    public var title: String {
        switch self {
        case .unknownCommand: "Bad command"
        case .malformedHead, .undefinedEscape, .malformedContentLength, .contradictoryContentLength: "Bad header"
        case .malformedHeader: "Bad header"
        case .missingHeader(let name, _): "Missing \(name)"
        case .lineTooLong, .tooManyHeaders, .headTooLarge, .bodyTooLarge: "Frame too large"
        case .bodyNotTerminated: "Bad body"
        case .noCommonVersion: "Version mismatch"
        case .connectTimedOut, .silent: "Timed out"
        case .duplicateSubscription: "Duplicated subscription identifier"
        case .unknownSubscription: "Subscription not found"
        case .unexpectedCommand, .refusedByPeer, .notConnected, .staleDelivery: "Unexpected frame"
        case .nackUnsupported, .tooManyPendingReceipts: "Unexpected frame"
        }
    }

    /// A peer's bytes made safe for a log line: at most 64 printable ASCII characters, `?` for all others.
    static func printable(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes.prefix(64) {
            text.unicodeScalars.append((0x20..<0x7f).contains(byte) ? Unicode.Scalar(byte) : "?")
        }
        return text
    }
}
