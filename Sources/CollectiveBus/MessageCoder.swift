import BusTransport
import Glibc
import MCollectiveProtocol
import MusterCore
import NIOCore
import STOMP

/// Requests and replies as messages of a broker: sealed, serialised, in base64 where that is agreed on, with the headers
/// of the connector.
struct MessageCoder: Sendable {
    let destinations: Destinations
    let security: any SecurityProvider
    /// What a message may be, before anything of it is proved.
    let limits = SerializerLimits.standard
    private let isBase64: Bool

    init(_ setup: CollectiveSetup) {
        var destinations = Destinations(setup.configuration.connector, identity: setup.identity, processID: getpid())
        destinations.multiplexesAgents = setup.pool.multiplexesAgents
        destinations.usesReplyExchange = setup.pool.usesReplyExchange
        destinations.priority = setup.pool.priority
        self.destinations = destinations
        security = setup.security
        isBase64 = setup.pool.isBase64
    }

    // MARK: Out

    /// A request, sealed once; a message for each recipient.
    func messages(
        _ request: CollectiveRequest, to recipients: [Destinations.Recipient], counter: Int, replyTo: String?
    ) throws(SecurityError) -> [StompMessage] {
        var random = SystemRandomNumberGenerator()
        let body = body(try security.seal(request, using: &random).bytes(security.serializer))
        var messages: [StompMessage] = []
        messages.reserveCapacity(recipients.count)
        for recipient in recipients {
            let headers = try destinations.headers(of: request, to: recipient, counter: counter, replyTo: replyTo)
            var message = MessageCoder.message(body, headers)
            message.sharesBody = !messages.isEmpty
            messages.append(message)
        }
        return messages
    }

    /// A reply; nil when the request did not say where to.
    func message(
        _ reply: CollectiveReply, to request: AcceptedRequest, ttl: Int64
    ) throws(SecurityError) -> StompMessage? {
        let headers = destinations.headers(
            of: reply, collective: request.request.collective, replyTo: request.replyTo, ttl: ttl)
        guard let headers else { return nil }
        var random = SystemRandomNumberGenerator()
        let sealed = try security.seal(reply, for: request.request.callerID, using: &random)
        return MessageCoder.message(body(sealed.bytes(security.serializer)), headers)
    }

    private func body(_ bytes: [UInt8]) -> ByteBuffer {
        isBase64 ? ByteBuffer(string: LineBase64.encode(bytes)) : ByteBuffer(bytes: bytes)
    }

    private static func message(_ body: ByteBuffer, _ fields: [FrameHeader]) -> StompMessage {
        var headers = Headers()
        var destination = ""
        for field in fields {
            if field.name == "destination" {
                destination = field.value
            } else {
                headers.append(field.name, field.value)
            }
        }
        return StompMessage(body, to: destination, headers: headers)
    }

    // MARK: In

    /// The bytes of the envelope in a message.
    func envelope(_ delivery: Delivery) throws(EnvelopeError) -> [UInt8] {
        let bytes = Array(delivery.body.readableBytesView)
        guard isBase64 else { return bytes }
        guard let decoded = LineBase64.decode(bytes) else { throw .notBase64 }
        return decoded
    }
}

extension Subscription {
    init(_ subscription: CollectiveSubscription) {
        self.init(id: subscription.id, destination: subscription.destination, selector: subscription.selector)
    }
}
