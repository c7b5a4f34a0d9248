/// Messages that came and went: in all, and each second on average over the last four.
package struct BrokerTraffic: Sendable, Hashable, Codable {
    package var published: Int
    package var delivered: Int
    package var publishedPerSecond: Double
    package var deliveredPerSecond: Double

    package init(published: Int, delivered: Int, publishedPerSecond: Double, deliveredPerSecond: Double) {
        self.published = published
        self.delivered = delivered
        self.publishedPerSecond = publishedPerSecond
        self.deliveredPerSecond = deliveredPerSecond
    }
}

/// A queue; those of single connections are not shown.
package struct BrokerQueue: Sendable, Hashable, Codable {
    package var virtualHost: String
    package var name: String
    /// Messages that wait.
    package var messages: Int
    /// Messages that consumers have and have not acknowledged.
    package var unacknowledged: Int
    /// The bytes of both.
    package var bytes: Int
    package var consumers: Int
    package var traffic: BrokerTraffic

    package init(
        virtualHost: String, name: String, messages: Int, unacknowledged: Int, bytes: Int, consumers: Int,
        traffic: BrokerTraffic
    ) {
        self.virtualHost = virtualHost
        self.name = name
        self.messages = messages
        self.unacknowledged = unacknowledged
        self.bytes = bytes
        self.consumers = consumers
        self.traffic = traffic
    }
}

/// A topic with subscribers, or the key of an exchange.
package struct BrokerTopic: Sendable, Hashable, Codable {
    package var virtualHost: String
    /// As it is subscribed to, `/topic/NAME` or `/exchange/NAME/KEY`; may be a pattern.
    package var destination: String
    package var subscribers: Int
    /// Messages that wait for subscribers that are slow, each copy counted.
    package var backlog: Int

    package init(virtualHost: String, destination: String, subscribers: Int, backlog: Int) {
        self.virtualHost = virtualHost
        self.destination = destination
        self.subscribers = subscribers
        self.backlog = backlog
    }
}

/// A client that was let in.
package struct BrokerClientConnection: Sendable, Hashable, Codable {
    /// A number that no other connection of this run has.
    package var id: Int
    package var address: String
    /// Nil while nobody needs to say who they are.
    package var user: String?
    package var virtualHost: String
    /// `1.0` to `1.2`.
    package var version: String
    package var isEncrypted: Bool
    package var subscriptions: Int
    package var unacknowledged: Int
    /// Bytes that were handed out and have not left the machine.
    package var pendingBytes: Int
    package var since: Timestamp

    package init(
        id: Int, address: String, user: String?, virtualHost: String, version: String, isEncrypted: Bool,
        subscriptions: Int, unacknowledged: Int, pendingBytes: Int, since: Timestamp
    ) {
        self.id = id
        self.address = address
        self.user = user
        self.virtualHost = virtualHost
        self.version = version
        self.isEncrypted = isEncrypted
        self.subscriptions = subscriptions
        self.unacknowledged = unacknowledged
        self.pendingBytes = pendingBytes
        self.since = since
    }
}
