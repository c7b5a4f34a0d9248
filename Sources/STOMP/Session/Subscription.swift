/// A subscription of a client session; it outlives the connection.
public struct Subscription: Sendable, Equatable {
    /// Unique within the session; every version can carry it.
    public var id: String
    public var destination: String
    public var ack: AckMode
    /// An SQL-92 condition on the headers of messages; nil for all messages.
    public var selector: String?
    /// Other headers of SUBSCRIBE, as `prefetch-count` or `activemq.prefetchSize`.
    public var extra: Headers

    public init(
        id: String, destination: String, ack: AckMode = .auto, selector: String? = nil, extra: Headers = Headers()
    ) {
        self.id = id
        self.destination = destination
        self.ack = ack
        self.selector = selector
        self.extra = extra
    }

    func subscribe(receipt: String?) -> Frame {
        var headers = Headers(["id": id, "destination": destination, "ack": ack.rawValue])
        if let selector { headers.append("selector", selector) }
        for (name, value) in extra.pairs { headers.append(name, value) }
        if let receipt { headers.append("receipt", receipt) }
        return Frame(.subscribe, headers: headers)
    }

    func unsubscribe(receipt: String?) -> Frame {
        // 1.0 servers go by the destination, later ones by the id; ruby-stomp sends both, too.
        var headers = Headers(["id": id, "destination": destination])
        if let receipt { headers.append("receipt", receipt) }
        return Frame(.unsubscribe, headers: headers)
    }
}
