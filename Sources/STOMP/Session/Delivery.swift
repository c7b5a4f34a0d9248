public import NIOCore

/// A MESSAGE as a client gets it.
public struct Delivery: Sendable, Equatable {
    /// The whole frame.
    public let frame: Frame
    /// The subscription it came for; nil when the broker does not say (1.0).
    public let subscription: String?
    public let messageID: String
    /// What ACK must name in 1.2.
    let ackID: String?
    /// The connection it came over, counted by the session: an ACK over another one means nothing to the broker.
    let connection: Int

    /// Where it was sent to, as the broker calls it; may differ from what was subscribed to.
    public var destination: String? { frame.headers["destination"] }
    public var body: ByteBuffer { frame.body }
    public var headers: Headers { frame.headers }

    init(_ frame: Frame, connection: Int) {
        self.frame = frame
        self.connection = connection
        subscription = frame.headers["subscription"]
        ackID = frame.headers["ack"]
        // StompServer leaves it out for queue messages that it delivers at once.
        messageID = frame.headers["message-id"] ?? ""
    }

    /// The ACK or NACK of this delivery.
    ///
    /// Spec: STOMP 1.0 `message-id`; 1.1 `subscription` and `message-id`; 1.2 `id`, with what the `ack` header said.
    func verdict(_ command: Command, version: Version, transaction: String?, receipt: String?) -> Frame {
        var headers = Headers()
        switch version {
        case .v1_0: headers.append("message-id", messageID)
        case .v1_1:
            if let subscription { headers.append("subscription", subscription) }
            headers.append("message-id", messageID)
        case .v1_2: headers.append("id", ackID ?? messageID)
        }
        if let transaction { headers.append("transaction", transaction) }
        if let receipt { headers.append("receipt", receipt) }
        return Frame(command, headers: headers)
    }
}
