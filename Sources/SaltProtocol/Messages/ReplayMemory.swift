package import MusterCore

/// The requests of one node that were served lately, so that none is served twice. Salt has no such memory.
///
/// A request is fresh when its `ts` lies within the window around now and its nonce is not remembered. Nonces are
/// remembered as long as their request could still pass the window. The memory is bounded: when a node sends more
/// requests than it holds, the oldest are forgotten, and from then on requests of their time and before are refused as
/// stale. So a flood narrows only the flooding node's own window.
///
/// Keep one for each node. An empty one takes no memory, a full one about 100 KB by default.
package struct ReplayMemory: Sendable {
    /// Whether a request may be served.
    package enum Verdict: Sendable, Hashable {
        case fresh
        case repeated
        case stale(seconds: Int64)
        case fromTheFuture(seconds: Int64)
    }

    private struct Generation {
        var nonces: Set<UInt64> = []
        var began: Int64 = 0
        var newest: Int64 = .min
    }

    /// Seconds that a `ts` may lie behind or ahead of now.
    private let window: Int64
    private let capacity: Int
    private var current = Generation()
    private var previous = Generation()
    /// Requests made at this second or before are refused.
    private var horizon: Int64 = .min

    /// - Parameters:
    ///   - window: How far `ts` may be from now, either way. Wider tolerates worse clocks and costs memory.
    ///   - capacity: How many nonces are remembered at most.
    package init(window: Duration = .seconds(300), capacity: Int = 4096) {
        self.window = max(1, window.components.seconds)
        self.capacity = max(2, capacity)
    }

    /// Judges a request, and remembers it if it is fresh. Call it last, when its token has been checked.
    ///
    /// - Parameter time: The `ts` of the request; nil for version 2, which has none: then only the nonce counts.
    package mutating func admit(_ nonce: Nonce, madeAt time: Int64?, now: Timestamp) -> Verdict {
        let now = now.seconds
        let made = time ?? now
        let age = now.subtractingReportingOverflow(made)
        guard !age.overflow else { return made < now ? .stale(seconds: .max) : .fromTheFuture(seconds: .max) }
        if age.partialValue > window { return .stale(seconds: age.partialValue) }
        if age.partialValue < -window { return .fromTheFuture(seconds: -age.partialValue) }

        let mark = nonce.mark
        guard !current.nonces.contains(mark), !previous.nonces.contains(mark) else { return .repeated }
        guard time == nil || made > horizon else { return .stale(seconds: age.partialValue) }

        makeRoom(now)
        current.nonces.insert(mark)
        current.newest = max(current.newest, made)
        return .fresh
    }

    /// Starts over with what was remembered before a restart.
    package init(_ record: Record, window: Duration = .seconds(300), capacity: Int = 4096, now: Timestamp) {
        self.init(window: window, capacity: capacity)
        horizon = record.horizon
        current = Generation(nonces: Set(record.marks), began: now.seconds, newest: record.newest)
    }

    /// What must be remembered over a restart; nil when there is nothing that could still pass the window.
    ///
    /// - Parameter limit: How many nonces are worth keeping. Of a node with more the newest `ts` is kept instead, and what
    ///   was made at that second or before is refused afterwards.
    package func record(now: Timestamp, limit: Int = 32) -> Record? {
        let newest = max(current.newest, previous.newest, horizon)
        let (oldest, overflows) = now.seconds.subtractingReportingOverflow(window)
        guard !overflows, newest >= oldest else { return nil }
        let marks = current.nonces.union(previous.nonces)
        if marks.count > limit { return Record(horizon: newest, newest: newest, marks: []) }
        return Record(horizon: horizon, newest: newest, marks: marks.sorted())
    }

    /// A memory as it can be kept: see ``record(now:limit:)``.
    package struct Record: Sendable, Hashable {
        /// Requests made at this second or before are refused.
        package var horizon: Int64
        /// The newest `ts` that was served.
        package var newest: Int64
        /// The nonces, 64 bits of each.
        package var marks: [UInt64]

        package init(horizon: Int64, newest: Int64, marks: [UInt64]) {
            (self.horizon, self.newest, self.marks) = (horizon, newest, marks)
        }
    }

    /// Starts a generation when the current one is old or full. A request can pass for two windows after it was
    /// received: one ahead and one behind.
    private mutating func makeRoom(_ now: Int64) {
        current.began = min(current.began, now)  // the clock was set back: nothing may be forgotten early
        if now - current.began > 2 * window {
            (previous, current) = (current, Generation(began: now))
        } else if current.nonces.count >= capacity / 2 {
            horizon = max(horizon, previous.newest)
            (previous, current) = (current, Generation(began: now))
        }
    }
}

extension Nonce {
    /// 64 of the nonce's bits, mixed: equal for equal nonces, and different but for one in 2^64 otherwise.
    fileprivate var mark: UInt64 {
        withUnsafeBytes { bytes in
            var mark: UInt64 = 0
            for place in stride(from: 0, to: Nonce.byteCount, by: 8) {
                mark = (mark ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
                mark ^= mark >> 29
            }
            return mark
        }
    }
}
