import MusterCore

// What the broker's API wraps around lists and changes, so that a field can be added without breaking a reader.

struct BrokerQueueList: Sendable, Hashable, Codable {
    var queues: [BrokerQueue]
}

struct BrokerTopicList: Sendable, Hashable, Codable {
    var topics: [BrokerTopic]
}

struct BrokerConnectionList: Sendable, Hashable, Codable {
    var connections: [BrokerClientConnection]
}

struct BrokerUserList: Sendable, Hashable, Codable {
    var users: [BrokerUser]
}

struct BrokerPermissionList: Sendable, Hashable, Codable {
    var permissions: [BrokerPermission]
}

/// A change, and who says to want it.
struct BrokerChangeRequest: Sendable, Hashable, Codable {
    var user: String
    var change: BrokerChange
}

extension ErrorDocument {
    init(_ error: BrokerServiceError) {
        self.init(
            code: error.code, message: error.description,
            details: error.details.isEmpty ? [:] : ["values": .array(error.details.map(Value.string))])
    }

    /// The values of a broker's error.
    var brokerDetails: [String] { error.details?["values"]?.array?.compactMap(\.string) ?? [] }
}
