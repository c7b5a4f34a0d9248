public import NIOCore

/// A REQ socket's side of one connection: strictly one request, then one reply.
///
///     idle --send--> awaitingReply --reply--> idle
///
/// There is no way back from `awaitingReply` but the reply: who gives up closes the connection, so that a late reply
/// can never be taken for the answer to the next request.
/// Spec: RFC 28 (REQ), envelope of an empty delimiter and one payload as Salt uses it.
public struct Requester: Sendable {
    private enum State { case idle, awaitingReply }

    private var state = State.idle

    public init() {}

    /// Whether a request may be sent.
    public var isIdle: Bool { state == .idle }

    /// The request to send.
    ///
    /// - Precondition: `isIdle`.
    public mutating func send(_ payload: ByteBuffer) -> Message {
        precondition(state == .idle, "a request is waiting for its reply already")
        state = .awaitingReply
        return Message(request: payload)
    }

    /// The payload of the reply.
    public mutating func received(_ message: Message) throws(ZMTPError) -> ByteBuffer {
        switch state {
        case .idle: throw .unexpectedReply
        case .awaitingReply:
            guard let payload = message.requestPayload else { throw .malformedEnvelope }
            state = .idle
            return payload
        }
    }
}
