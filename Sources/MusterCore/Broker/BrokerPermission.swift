/// What a user of a broker may be allowed, in RabbitMQ's words.
package enum BrokerPermissionKind: String, Sendable, Hashable, CaseIterable, Codable {
    case configure, write, read
    case topicWrite = "topic-write"
    case topicRead = "topic-read"
}

/// What one user may do in one virtual host: regular expressions that are searched for in names, as RabbitMQ has them.
///
/// An empty one allows nothing. Those of topics are asked besides the others, for the key of an exchange or topic; nil
/// allows every key.
package struct BrokerPermission: Sendable, Hashable, Codable {
    package var user: String
    package var virtualHost: String
    package var configure: String
    package var write: String
    package var read: String
    package var topicWrite: String?
    package var topicRead: String?

    package init(
        user: String, virtualHost: String, configure: String, write: String, read: String, topicWrite: String? = nil,
        topicRead: String? = nil
    ) {
        self.user = user
        self.virtualHost = virtualHost
        self.configure = configure
        self.write = write
        self.read = read
        self.topicWrite = topicWrite
        self.topicRead = topicRead
    }
}
