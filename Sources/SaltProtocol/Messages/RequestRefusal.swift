public import MessagePack

/// Why a controller does not serve a request, with the answer that its peer understands.
///
/// A peer is never left without an answer, and never told more than Salt tells it: from `bad load` a node learns that it
/// must sign in again. What is wrong stands in `description`, for the operator.
///
/// Source: Salt 3007, `salt/channel/server.py`, `ReqServerChannel.handle_message`.
public enum RequestRefusal: Error, Hashable, Sendable {
    /// The bytes are not one MessagePack value.
    case undecodable(MessagePackError)
    /// Not a map with a known `enc` and a `load`.
    case notAnEnvelope
    /// A protocol version that this listener does not accept.
    case versionNotAccepted(found: Int64, minimum: Int64)
    /// The id outside, or inside, is no id.
    case invalidID
    /// There is no accepted key for the id.
    case noAcceptedKey(id: String)
    /// The load was not sealed with the key of its sender: an old session, another controller's key, or a forgery.
    case notSealedWithSession(id: String)
    /// A clear request, which anybody may have written, larger than a sign-in can be.
    case clearTooLarge(bytes: Int)
    /// The load is no map.
    case loadIsNoMap
    /// The id inside is not text.
    case idIsNotText
    /// The id inside has a NUL in it.
    case idContainsNull
    /// The load has no nonce, or one that cannot be used.
    case noNonce
    /// The sender says inside that it is someone else than outside.
    case idsDiffer(outer: String)
    /// The load has no time in it.
    case noTime(id: String)
    /// Older than the window allows, or than what is remembered of this sender.
    case stale(id: String, seconds: Int64)
    /// Made at a time that has not come yet: the sender's clock is wrong.
    case fromTheFuture(id: String, seconds: Int64)
    /// The very same request was here before.
    case repeated(id: String)
    /// The load has no token, or not that of the sender's accepted key.
    case wrongToken(id: String)
    /// The load names no command.
    case noCommand(id: String)
    /// Serving the request failed; only for requests that have no sealed answer.
    case failed
}

extension RequestRefusal {
    /// The reply, ready to send.
    public var answer: [UInt8] {
        switch self {
        case .undecodable: RefusalAnswer.undecodable
        case .notAnEnvelope, .versionNotAccepted, .invalidID, .noAcceptedKey, .notSealedWithSession, .idIsNotText,
            .noNonce, .clearTooLarge, .idsDiffer, .noTime, .stale, .fromTheFuture, .repeated, .wrongToken:
            RefusalAnswer.badLoad
        case .loadIsNoMap: RefusalAnswer.loadIsNoMap
        case .idContainsNull: RefusalAnswer.idContainsNull
        case .noCommand: RefusalAnswer.handling
        case .failed: RefusalAnswer.serverSide
        }
    }
}

/// The answers to refused requests, encoded: MessagePack texts, and one map for what is no MessagePack.
enum RefusalAnswer {
    static let badLoad = text("bad load")
    static let loadIsNoMap = text("payload and load must be a dict")
    static let idContainsNull = text("bad load: id contains a null byte")
    static let handling = text("Some exception handling minion payload")
    static let serverSide = text("Server-side exception handling payload")
    static let undecodable: [UInt8] = {
        var writer = MessagePackWriter(.raw, capacity: 16)
        writer.writeMap(count: 1)
        writer.writeKey("msg")
        writer.writeKey("bad load")
        return writer.finish()
    }()

    private static func text(_ text: StaticString) -> [UInt8] {
        var writer = MessagePackWriter(.raw, capacity: 48)
        writer.writeKey(text)
        return writer.finish()
    }
}

extension RequestRefusal: CustomStringConvertible {
    public var description: String {
        switch self {
        case .undecodable(let error): "not MessagePack: \(error)"
        case .notAnEnvelope: "not a request: a map with enc and load was expected"
        case .versionNotAccepted(let found, let minimum):
            "protocol version \(found), this listener takes \(minimum) and above: update the peer"
        case .invalidID: "the request's id is no valid node id"
        case .noAcceptedKey(let id): "no accepted key for '\(id)': 'muster keys list' shows what is known of it"
        case .notSealedWithSession(let id):
            "not sealed with the session of '\(id)': the node signs in again by itself; if this goes on, someone else uses its id"
        case .clearTooLarge(let bytes):
            "a clear request of \(bytes) bytes; \(SignInRequest.maximumBytes) are enough for a sign-in"
        case .loadIsNoMap: "the load is no map"
        case .idIsNotText: "the id in the load is not text"
        case .idContainsNull: "the id in the load contains a NUL"
        case .noNonce: "the load has no usable nonce"
        case .idsDiffer(let outer): "sealed by '\(outer)', but the load speaks for another id"
        case .noTime(let id): "the load of '\(id)' has no ts"
        case .stale(let id, let seconds):
            "the request of '\(id)' is \(seconds) s old: a repetition, or its clock is behind; compare the clocks"
        case .fromTheFuture(let id, let seconds):
            "the request of '\(id)' is \(seconds) s ahead of this clock: compare the clocks"
        case .repeated(let id): "the very same request of '\(id)' came again: it was recorded and replayed"
        case .wrongToken(let id): "the token of '\(id)' is missing or not of its accepted key"
        case .noCommand(let id): "the load of '\(id)' names no command"
        case .failed: "serving the request failed"
        }
    }
}
