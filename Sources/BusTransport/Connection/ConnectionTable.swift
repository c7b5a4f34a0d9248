import DequeModule
import NIOCore

/// Who holds the connections of a server, and who has to go when all are taken.
///
/// While there is room everybody gets in, and one address may hold as many as it likes: a whole site may be behind one
/// (NAT). When all are taken a newcomer gets in for another one that goes:
///
/// 1. the oldest that has not ended its handshake for `patience`: who means well needs some milliseconds;
/// 2. else the youngest of the address that holds the most, unless the newcomer's own would then hold as many: who takes
///    much gives way to who has little, and never the other way round.
///
/// So neither connections that say nothing nor one address with thousands of them keep others out. No socket and no clock
/// in here; every operation is O(1), amortised.
struct ConnectionTable<ID: Hashable, Host: Hashable> {
    enum Admission: Equatable {
        case admitted
        /// The place was this one's, which must be closed.
        case displacing(ID)
        case refused
    }

    private struct Entry {
        let host: Host
        let admitted: NIODeadline
        var isEstablished = false
    }

    /// The connections of one address, oldest first, with some that have gone.
    private struct Holdings {
        var count = 0
        var ids: [ID] = []
    }

    let limit: Int
    private let patience: TimeAmount
    private var entries: [ID: Entry] = [:]
    /// Those that have not ended their handshake, oldest first, with some that have or that have gone.
    private var unproven: Deque<ID> = []
    private var hosts: [Host: Holdings] = [:]
    private var hostsByCount: [Int: Set<Host>] = [:]
    private var largestCount = 0

    init(limit: Int, patience: TimeAmount = .seconds(1)) {
        self.limit = limit
        self.patience = patience
    }

    /// How many connections there are.
    var count: Int { entries.count }

    /// A connection was accepted by the system.
    mutating func admit(_ id: ID, from host: Host, at now: NIODeadline) -> Admission {
        guard entries.count >= limit else {
            add(id, from: host, at: now)
            return .admitted
        }
        guard let victim = slowest(at: now) ?? greediest(against: host) else { return .refused }
        remove(victim)
        add(id, from: host, at: now)
        return .displacing(victim)
    }

    /// A connection has ended its handshake.
    mutating func established(_ id: ID) {
        entries[id]?.isEstablished = true
    }

    /// A connection has ended; one that was displaced is gone already.
    mutating func remove(_ id: ID) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        count(entry.host, by: -1)
        compact(entry.host)
    }

    private mutating func add(_ id: ID, from host: Host, at now: NIODeadline) {
        entries[id] = Entry(host: host, admitted: now)
        unproven.append(id)
        count(host, by: 1)
        hosts[host]?.ids.append(id)
        if unproven.count > 2 * entries.count + 64 {
            unproven.removeAll { entries[$0].map(\.isEstablished) ?? true }
        }
    }

    /// The oldest connection that has had its time for a handshake.
    private mutating func slowest(at now: NIODeadline) -> ID? {
        while let id = unproven.first {
            if let entry = entries[id], !entry.isEstablished { return now - entry.admitted >= patience ? id : nil }
            unproven.removeFirst()
        }
        return nil
    }

    /// The youngest connection of the address with the most, if that is more than `host` would have.
    private mutating func greediest(against host: Host) -> ID? {
        guard (hosts[host]?.count ?? 0) + 1 < largestCount, let largest = hostsByCount[largestCount]?.first else {
            return nil
        }
        while let id = hosts[largest]?.ids.last {
            if entries[id] != nil { return id }
            hosts[largest]?.ids.removeLast()
        }
        return nil
    }

    private mutating func count(_ host: Host, by step: Int) {
        let old = hosts[host]?.count ?? 0
        let new = old + step
        hostsByCount[old]?.remove(host)
        if hostsByCount[old]?.isEmpty == true { hostsByCount[old] = nil }
        if new > 0 {
            hosts[host, default: Holdings()].count = new
            hostsByCount[new, default: []].insert(host)
        } else {
            hosts[host] = nil
        }
        if new > largestCount { largestCount = new }
        if old == largestCount, hostsByCount[old] == nil { largestCount = new }
    }

    /// Forgets connections that have gone before they outnumber those that are there.
    private mutating func compact(_ host: Host) {
        guard let holdings = hosts[host], holdings.ids.count > 2 * holdings.count + 16 else { return }
        hosts[host]?.ids.removeAll { entries[$0] == nil }
    }
}
