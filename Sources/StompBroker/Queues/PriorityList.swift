import DequeModule

/// Messages that wait: the highest priority first, and among equals the one that came first.
///
/// Most lists only ever see one priority, so levels are made when they are needed, and an empty list has no memory but its
/// own few words.
struct PriorityList {
    /// By priority, highest first; none is empty.
    private var levels: [(priority: Int, entries: Deque<QueueEntry>)] = []
    private(set) var count = 0
    private(set) var bytes = 0
    /// Not after the first moment at which something here is over.
    private(set) var earliestExpiry = Moment.never

    var isEmpty: Bool { count == 0 }

    mutating func append(_ entry: QueueEntry) {
        let level = level(of: entry)
        levels[level].entries.append(entry)
        added(entry)
    }

    /// Puts back what was taken, before all others of its priority.
    mutating func prepend(_ entry: QueueEntry) {
        let level = level(of: entry)
        levels[level].entries.prepend(entry)
        added(entry)
    }

    /// Takes the first entry.
    mutating func popFirst() -> QueueEntry? {
        guard !levels.isEmpty else { return nil }
        let entry = levels[0].entries.removeFirst()
        removed(entry)
        if levels[0].entries.isEmpty { levels.removeFirst() }
        return entry
    }

    /// Takes the first entry that is wanted.
    mutating func removeFirst(where isWanted: (StoredMessage) -> Bool) -> QueueEntry? {
        for level in levels.indices {
            guard let index = levels[level].entries.firstIndex(where: { isWanted($0.message) }) else { continue }
            let entry = levels[level].entries.remove(at: index)
            removed(entry)
            if levels[level].entries.isEmpty { levels.remove(at: level) }
            return entry
        }
        return nil
    }

    /// Takes all that is over.
    mutating func removeExpired(at now: Moment) -> [QueueEntry] {
        guard earliestExpiry <= now else { return [] }
        var expired: [QueueEntry] = []
        earliestExpiry = .never
        for level in levels.indices {
            levels[level].entries.removeAll { entry in
                if entry.message.expires <= now {
                    expired.append(entry)
                    return true
                }
                earliestExpiry = min(earliestExpiry, entry.message.expires)
                return false
            }
        }
        levels.removeAll { $0.entries.isEmpty }
        for entry in expired { removed(entry) }
        return expired
    }

    /// Takes everything, in order.
    mutating func removeAll() -> [QueueEntry] {
        defer { self = PriorityList() }
        return levels.flatMap { Array($0.entries) }
    }

    private mutating func level(of entry: QueueEntry) -> Int {
        let priority = entry.message.priority
        if let first = levels.first, first.priority == priority { return 0 }
        let index = levels.firstIndex { $0.priority <= priority } ?? levels.count
        if index == levels.count || levels[index].priority != priority { levels.insert((priority, []), at: index) }
        return index
    }

    private mutating func added(_ entry: QueueEntry) {
        count += 1
        bytes += entry.message.bytes
        if entry.message.expires < earliestExpiry { earliestExpiry = entry.message.expires }
    }

    private mutating func removed(_ entry: QueueEntry) {
        count -= 1
        bytes -= entry.message.bytes
        if count == 0 { earliestExpiry = .never }
    }
}
