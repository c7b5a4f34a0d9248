import MusterCore

/// Reads the store's event sequence for one subscriber, from its cursor on.
///
/// Pulled by its reader; what retention deleted before the reader came to it is reported as a gap, and so is a cursor of a
/// sequence that never was (the store was replaced): reading then goes on with what comes next.
actor EventFeed {
    private let store: any Store
    private let signal: SequenceSignal
    private let glob: Glob?
    private let follows: Bool
    private var cursor: Int64

    private let groupSize = 256

    init(_ query: EventQuery, store: any Store, signal: SequenceSignal) {
        self.store = store
        self.signal = signal
        glob = query.tag == "*" ? nil : Glob(query.tag)
        follows = query.follows
        // From now on means from the call on, not from when the reader first pulls.
        cursor = query.after ?? signal.value
    }

    /// The next events that match, or a gap; nil at the end of what there is when the query does not follow.
    func next() async throws -> EventBatch? {
        while true {
            try Task.checkCancellation()
            let position = cursor
            // Before the range: what is stored in between is no gap.
            let newest = signal.value
            let range = try await store.eventRange()
            if position > max(newest, range?.upperBound ?? 0) {
                cursor = newest
                return .gap(after: position, count: 0)
            }
            let oldest = range?.lowerBound ?? newest + 1
            if position > 0, oldest > position + 1 {
                cursor = oldest - 1
                return .gap(after: position, count: oldest - 1 - position)
            }
            let stored = try await store.events(after: position, limit: groupSize)
            guard let last = stored.last else {
                guard follows else { return nil }
                await signal.passes(position)
                continue
            }
            cursor = last.sequence
            let events = stored.map(Event.init(stored:)).filter { glob?.matches($0.tag) ?? true }
            if !events.isEmpty { return .events(events) }
        }
    }
}

extension Event {
    /// A store entry as subscribers see it.
    fileprivate init(stored: StoredEvent) {
        switch stored {
        case .event(let event): self = event
        case .nodeReturn(let sequence, let nodeReturn): self.init(nodeReturn, sequence: sequence)
        }
    }
}
