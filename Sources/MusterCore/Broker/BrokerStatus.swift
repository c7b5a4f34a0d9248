/// How a virtual host of a broker is.
package struct BrokerVirtualHost: Sendable, Hashable, Codable {
    package var name: String
    /// Whether it is always there, or settings name it: it cannot be deleted.
    package var isConfigured: Bool
    package var connections: Int
    package var queues: Int
    /// Messages in queues, those included that consumers have and have not acknowledged.
    package var messages: Int
    package var bytes: Int
    /// What the log takes on disk; nil without one.
    package var logBytes: Int?
    package var traffic: BrokerTraffic
    /// By name: messages dropped for slow subscribers or full queues, expired, dead-lettered, and so on.
    package var counters: ValueMap

    package init(
        name: String, isConfigured: Bool, connections: Int, queues: Int, messages: Int, bytes: Int, logBytes: Int?,
        traffic: BrokerTraffic, counters: ValueMap
    ) {
        self.name = name
        self.isConfigured = isConfigured
        self.connections = connections
        self.queues = queues
        self.messages = messages
        self.bytes = bytes
        self.logBytes = logBytes
        self.traffic = traffic
        self.counters = counters
    }
}

/// How a broker is.
package struct BrokerStatus: Sendable, Hashable, Codable {
    package var version: String
    package var started: Timestamp
    /// `stomp 127.0.0.1:61613`, `stomp+tls [::]:61614`.
    package var listeners: [String]
    /// Where persistent messages are kept; nil for memory.
    package var dataDirectory: String?
    /// What the process has in memory; 0 where the system does not tell.
    package var memoryBytes: Int
    /// Those included that are not let in yet.
    package var connections: ConnectionUse
    /// Clients that were not let in, and frames that users may not send.
    package var refusedClients: Int
    package var refusedFrames: Int
    /// Sorted by name.
    package var virtualHosts: [BrokerVirtualHost]

    package init(
        version: String, started: Timestamp, listeners: [String], dataDirectory: String?, memoryBytes: Int,
        connections: ConnectionUse, refusedClients: Int, refusedFrames: Int, virtualHosts: [BrokerVirtualHost]
    ) {
        self.version = version
        self.started = started
        self.listeners = listeners
        self.dataDirectory = dataDirectory
        self.memoryBytes = memoryBytes
        self.connections = connections
        self.refusedClients = refusedClients
        self.refusedFrames = refusedFrames
        self.virtualHosts = virtualHosts
    }
}
