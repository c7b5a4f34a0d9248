import DequeModule

/// Sign-ins that wait for a thread: one for each connection, hosts by turns, and of one host in the order they came.
///
/// When a fleet comes back at once everybody is served, as long as they wait: nothing is thrown away but what nobody waits
/// for any more. A host with thousands of requests delays its own, and not those of others. Bounded by the number of
/// connections, and by bytes. Every operation is O(1), amortised.
struct SignInQueue<Connection: Hashable, Request> {
    struct Entry {
        let request: Request
        let connection: Connection
        let host: String
        fileprivate let bytes: Int
    }

    /// What waits of one host, with connections among it that have gone.
    private struct Line {
        var connections: Deque<Connection> = []
        var gone = 0
    }

    private let maxBytes: Int
    private var bytes = 0
    private var entries: [Connection: Entry] = [:]
    private var lines: [String: Line] = [:]
    /// The hosts with something in their line; the first one is next.
    private var turns: Deque<String> = []

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// How many wait.
    var count: Int { entries.count }

    /// Puts a request at the end of its host's line. A connection that asks again before it was answered keeps its place:
    /// only the newer request can still be answered.
    ///
    /// - Returns: False when there is no room.
    mutating func add(_ request: Request, from connection: Connection, host: String, bytes size: Int) -> Bool {
        let older = entries[connection]
        guard bytes - (older?.bytes ?? 0) + size <= maxBytes else { return false }
        bytes += size - (older?.bytes ?? 0)
        entries[connection] = Entry(request: request, connection: connection, host: older?.host ?? host, bytes: size)
        guard older == nil else { return true }
        if lines[host] == nil { turns.append(host) }
        lines[host, default: Line()].connections.append(connection)
        return true
    }

    /// A connection has gone: nobody waits for its answer.
    mutating func remove(_ connection: Connection) {
        guard let entry = entries.removeValue(forKey: connection) else { return }
        bytes -= entry.bytes
        lines[entry.host]?.gone += 1
        guard let line = lines[entry.host], line.gone > 64, 2 * line.gone > line.connections.count else { return }
        lines[entry.host]?.connections.removeAll { entries[$0] == nil }
        lines[entry.host]?.gone = 0
    }

    /// Takes the request whose turn it is; nil when none waits.
    mutating func next() -> Entry? {
        while let host = turns.popFirst() {
            let entry = nextEntry(of: host)
            if lines[host]?.connections.isEmpty == true { lines[host] = nil } else { turns.append(host) }
            if let entry { return entry }
        }
        return nil
    }

    private mutating func nextEntry(of host: String) -> Entry? {
        while let connection = lines[host]?.connections.popFirst() {
            if let entry = entries.removeValue(forKey: connection) {
                bytes -= entry.bytes
                return entry
            }
            lines[host]?.gone -= 1
        }
        return nil
    }
}
