import MusterCore

/// How many returns a node may still send that nobody asked it for: under job ids that it made up, of jobs that were for
/// others, of its own schedule. Each is a row that must be kept, so they are bounded; returns that are expected are not.
///
/// A bucket: full it holds `capacity`, and one comes back each second. A return takes one, and one more for each 64 KiB.
/// Keep one for each node.
struct ReturnAllowance: Sendable {
    private let capacity: Int
    private var left: Int
    /// Up to when the seconds are counted.
    private var counted: Timestamp?

    init(capacity: Int) {
        self.capacity = capacity
        left = capacity
    }

    /// What a return of this size takes.
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
        guard let last = counted, last <= now else { return counted = now }
        let seconds = (now - last).components.seconds
        left = min(capacity, left + Int(clamping: seconds))
        counted = last + .seconds(seconds)
    }
}
