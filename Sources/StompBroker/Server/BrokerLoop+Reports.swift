import MusterCore
import STOMP

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What operators see.
extension BrokerLoop {
    var status: BrokerStatus {
        BrokerStatus(
            version: Muster.version, started: started, listeners: listeners,
            dataDirectory: configuration.dataDirectory, memoryBytes: ProcessMemory.residentBytes,
            connections: ConnectionUse(
                port: "stomp", used: connections.count, limit: configuration.maxConnections,
                isLimitedByDescriptors: configuration.isLimitedByDescriptors),
            refusedClients: refusedClients,
            refusedFrames: hosts.values.reduce(0) { $0 + Int($1.host.statistics.refused) },
            virtualHosts: sortedHosts.map(report))
    }

    var queues: [BrokerQueue] { sortedHosts.flatMap(\.host.queueSummaries) }

    var topics: [BrokerTopic] { sortedHosts.flatMap(\.host.topicSummaries) }

    var clients: [BrokerClientConnection] {
        connections.values.compactMap { connection in
            connection.place.map { place in
                BrokerClientConnection(
                    id: connection.number, address: connection.address, user: place.identity.name,
                    virtualHost: place.host.name, version: place.peer.version.rawValue,
                    isEncrypted: connection.isEncrypted, subscriptions: place.peer.subscriptionCount,
                    unacknowledged: place.peer.unacknowledgedCount, pendingBytes: place.peer.pendingBytes,
                    since: place.since)
            }
        }.sorted { $0.id < $1.id }
    }

    private var sortedHosts: [ServedHost] { hosts.values.sorted { $0.host.name < $1.host.name } }

    private func report(_ served: ServedHost) -> BrokerVirtualHost {
        let (host, load, statistics) = (served.host, served.host.load, served.host.statistics)
        let counters: [(String, UInt64)] = [
            ("acknowledged", statistics.acknowledged), ("returned", statistics.returned),
            ("expired", statistics.expired), ("deadLettered", statistics.deadLettered),
            ("unroutable", statistics.unroutable), ("droppedForSlowSubscriber", statistics.droppedForSlowSubscriber),
            ("droppedForFullQueue", statistics.droppedForFullQueue), ("refused", statistics.refused),
            ("denied", statistics.denied),
        ]
        return BrokerVirtualHost(
            name: host.name, isConfigured: configuredVirtualHosts.contains(host.name),
            connections: host.connectionCount, queues: load.queues, messages: load.messages, bytes: load.bytes,
            logBytes: served.log?.bytes,
            traffic: BrokerTraffic(published: served.published, delivered: served.delivered),
            counters: ValueMap(counters.map { (key: .string($0), value: .int(Int64($1))) }))
    }
}

/// What this process has in memory.
enum ProcessMemory {
    /// 0 where the system does not tell.
    static var residentBytes: Int {
        guard let text = try? Files.text("/proc/self/statm") else { return 0 }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * pageBytes
    }

    private static let pageBytes = sysconf(Int32(_SC_PAGESIZE))
}
