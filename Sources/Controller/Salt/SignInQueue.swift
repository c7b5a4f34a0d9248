import DequeModule

/// Sign-ins that wait for a thread: hosts by turns, and of one host in the order they came.
///
/// When a fleet comes back at once everybody is served, as long as they wait: nothing is thrown away but what nobody waits
/// for any more. A host with thousands of requests delays its own, and not those of others. Bounded by bytes, and for each
/// connection by number: a node has one request under way, only a stranger has many. Every operation is O(1), amortised.
struct SignInQueue<Connection: Hashable, Request> {
    struct Entry {
        let request: Request
        let connection: Connection
        let host: String
        fileprivate let bytes: Int
    }

    /// What waits of one host, by number, with some among it whose connections have gone.
    private struct Line {
        var numbers: Deque<UInt64> = []
        var gone = 0
    }

    /// How many may wait of one connection.
    static var maxPerConnection: Int { 128 }

    private let maxBytes: Int
    private var bytes = 0
    private var entries: [UInt64: Entry] = [:]
    private var numbers: [Connection: Deque<UInt64>] = [:]
    private var nextNumber: UInt64 = 0
    private var lines: [String: Line] = [:]
    /// The hosts with something in their line; the first one is next.
    private var turns: Deque<String> = []

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// How many wait.
    var count: Int { entries.count }

    /// Puts a request at the end of its host's line.
    ///
    /// - Returns: False when there is no room.
    mutating func add(_ request: Request, from connection: Connection, host: String, bytes size: Int) -> Bool {
        let isWithinShare = (numbers[connection]?.count ?? 0) < SignInQueue.maxPerConnection
        guard bytes + size <= maxBytes, isWithinShare else { return false }
        let number = nextNumber
        nextNumber += 1
        bytes += size
        entries[number] = Entry(request: request, connection: connection, host: host, bytes: size)
        numbers[connection, default: []].append(number)
        if lines[host] == nil { turns.append(host) }
        lines[host, default: Line()].numbers.append(number)
        return true
    }

    /// A connection has gone: nobody waits for its answers.
    mutating func remove(_ connection: Connection) {
        for number in numbers.removeValue(forKey: connection) ?? [] {
            guard let entry = entries.removeValue(forKey: number) else { continue }
            bytes -= entry.bytes
            lines[entry.host]?.gone += 1
            compact(entry.host)
        }
    }

    /// Takes the request whose turn it is; nil when none waits.
    mutating func next() -> Entry? {
        while let host = turns.popFirst() {
            let entry = nextEntry(of: host)
            if lines[host]?.numbers.isEmpty == true { lines[host] = nil } else { turns.append(host) }
            if let entry { return entry }
        }
        return nil
    }

    private mutating func nextEntry(of host: String) -> Entry? {
        while let number = lines[host]?.numbers.popFirst() {
            guard let entry = entries.removeValue(forKey: number) else {
                lines[host]?.gone -= 1
                continue
            }
            bytes -= entry.bytes
            // Those of one connection leave in the order they came.
            numbers[entry.connection]?.removeFirst()
            if numbers[entry.connection]?.isEmpty == true { numbers[entry.connection] = nil }
            return entry
        }
        return nil
    }

    /// Forgets who has gone before they outnumber who waits.
    private mutating func compact(_ host: String) {
        guard let line = lines[host], line.gone > 64, 2 * line.gone > line.numbers.count else { return }
        lines[host]?.numbers.removeAll { entries[$0] == nil }
        lines[host]?.gone = 0
    }
}
