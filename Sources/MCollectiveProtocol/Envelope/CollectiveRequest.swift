package import MusterCore

/// A request in clear: what a client asks, or what a node accepts once its envelope is opened.
package struct CollectiveRequest: Hashable, Sendable {
    /// The identity of the program that sent it. Nothing proves it.
    package var senderID: String
    /// 32 hex digits of ours; of peers any text, which the reply repeats.
    package var requestID: String
    package var filter: Filter
    package var collective: String
    package var agent: String
    /// Who asks. What proves it depends on the provider: psk proves nothing.
    package var callerID: CallerID
    /// Seconds for which the request may be served.
    package var ttl: Int64
    /// When it was made, in whole seconds.
    package var time: Timestamp
    /// What the agent gets: `ping` for discovery, a hash for SimpleRPC, anything for others.
    package var body: RubyValue

    package init(
        senderID: String, requestID: String, filter: Filter, collective: String, agent: String, callerID: CallerID,
        ttl: Int64 = 60, time: Timestamp, body: RubyValue
    ) {
        self.senderID = senderID
        self.requestID = requestID
        self.filter = filter
        self.collective = collective
        self.agent = agent
        self.callerID = callerID
        self.ttl = ttl
        self.time = time
        self.body = body
    }

    /// A fresh request id: 128 random bits in hex, with the marks of a UUID of version 5 as the peers make them.
    package static func makeID(using random: inout some RandomNumberGenerator) -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        return Digests.hex(bytes)
    }
}

/// A reply in clear.
package struct CollectiveReply: Hashable, Sendable {
    /// The identity of the node. Only the ssl provider proves that it is a node at all.
    package var senderID: String
    /// The id of the request.
    package var requestID: String
    package var agent: String
    /// When it was made, in whole seconds.
    package var time: Timestamp
    package var body: RubyValue

    package init(senderID: String, requestID: String, agent: String, time: Timestamp, body: RubyValue) {
        self.senderID = senderID
        self.requestID = requestID
        self.agent = agent
        self.time = time
        self.body = body
    }

    /// The answer of a node to a request.
    package init(to request: CollectiveRequest, from senderID: String, at time: Timestamp, body: RubyValue) {
        self.init(
            senderID: senderID, requestID: request.requestID, agent: request.agent, time: time, body: body)
    }
}
