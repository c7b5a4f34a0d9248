/// How the controller is.
package struct ControllerStatus: Sendable, Hashable, Codable {
    package var version: String
    package var started: Timestamp
    /// `salt publish 0.0.0.0:4505` and so on.
    package var listeners: [String]
    package var connectedNodes: Int
    package var openJobs: Int
    /// By port.
    package var connections: [ConnectionUse]
    package var store: StoreHealth
    /// Counters by metric name, sorted.
    package var counters: ValueMap

    package init(
        version: String, started: Timestamp, listeners: [String], connectedNodes: Int, openJobs: Int,
        connections: [ConnectionUse] = [], store: StoreHealth, counters: ValueMap
    ) {
        self.version = version
        self.started = started
        self.listeners = listeners
        self.connectedNodes = connectedNodes
        self.openJobs = openJobs
        self.connections = connections
        self.store = store
        self.counters = counters
    }
}
