import MusterCore

/// How much a node may still have stored that nobody asked it for: events, and returns under job ids that it made up, of
/// jobs that were for others, of its own schedule. Each is a row that must be kept, so they are bounded; returns that are
/// expected are not.
///
/// A bucket: full it holds `capacity`, and `perMinute` come back each minute, evenly. Each row takes one, and one more for
/// each 64 KiB. Keep one for each node and kind.
struct Allowance: Sendable {
    private let capacity: Int
    /// Microseconds in which one comes back; nil when none does.
    private let interval: Int64?
    private var left: Int
    /// Up to when the time is counted.
    private var counted: Timestamp?

    init(capacity: Int, perMinute: Int) {
        self.capacity = capacity
        interval = perMinute > 0 ? max(1, 60_000_000 / Int64(perMinute)) : nil
        left = capacity
    }

    /// What a row of this size takes.
    static func cost(ofBytes bytes: Int) -> Int { 1 + bytes / (64 << 10) }

    /// Takes something out; false, and nothing taken, when there is not enough.
    mutating func take(_ cost: Int, at now: Timestamp) -> Bool {
        refill(now)
        guard left >= cost else { return false }
        left -= cost
        return true
    }

    /// Puts back what a return took that turned out to be expected.
    mutating func giveBack(_ cost: Int) { left = min(capacity, left + cost) }

    private mutating func refill(_ now: Timestamp) {
        guard let interval, let last = counted, last <= now else { return counted = now }
        let back = (now - last).microseconds / interval
        // No more than fits, whatever time has passed.
        left += Int(min(back, Int64(capacity - left)))
        counted = last + .microseconds(back * interval)
    }
}
