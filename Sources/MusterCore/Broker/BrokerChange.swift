/// One change that an operator wants of a broker.
package struct BrokerChange: Sendable, Hashable, Codable {
    package enum Action: String, Sendable, Hashable, Codable, CaseIterable {
        case addUser = "add-user"
        case deleteUser = "delete-user"
        case setPassword = "set-password"
        case setTags = "set-tags"
        case addVirtualHost = "add-vhost"
        case deleteVirtualHost = "delete-vhost"
        case setPermission = "set-permission"
        case clearPermission = "clear-permission"
        case purge
        case closeConnection = "close-connection"
    }

    package var action: Action
    package var user: String?
    package var password: String?
    package var tags: [BrokerUserTag]?
    package var virtualHost: String?
    package var permission: BrokerPermission?
    package var queue: String?
    /// The number of a connection.
    package var connection: Int?
    /// Whether a virtual host goes although it has messages.
    package var isForced: Bool?

    package init(
        _ action: Action, user: String? = nil, password: String? = nil, tags: [BrokerUserTag]? = nil,
        virtualHost: String? = nil, permission: BrokerPermission? = nil, queue: String? = nil,
        connection: Int? = nil, isForced: Bool? = nil
    ) {
        self.action = action
        self.user = user
        self.password = password
        self.tags = tags
        self.virtualHost = virtualHost
        self.permission = permission
        self.queue = queue
        self.connection = connection
        self.isForced = isForced
    }
}

/// What a change did.
package struct BrokerChangeResult: Sendable, Hashable, Codable {
    /// Messages that are gone.
    package var messages: Int
    /// Connections that were closed.
    package var connections: Int

    package init(messages: Int = 0, connections: Int = 0) {
        self.messages = messages
        self.connections = connections
    }
}
