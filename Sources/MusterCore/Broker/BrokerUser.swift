/// What a user of a broker is beside what permissions say; RabbitMQ's words. They allow nothing on the wire.
package enum BrokerUserTag: String, Sendable, Hashable, CaseIterable, Codable {
    case administrator, monitoring
}

/// A user of a broker, without the password.
package struct BrokerUser: Sendable, Hashable, Codable {
    package var name: String
    /// Sorted.
    package var tags: [BrokerUserTag]
    /// Whether options or settings name it: it may do everything, and is not changed here.
    package var isConfigured: Bool

    package init(name: String, tags: [BrokerUserTag], isConfigured: Bool) {
        self.name = name
        self.tags = tags
        self.isConfigured = isConfigured
    }
}
