import MusterCore
import Synchronization

/// A clock that a test sets.
final class TestClock: Sendable {
    static let start = Timestamp(seconds: 1_795_000_000)

    private let time = Mutex((now: TestClock.start, uptime: Duration.zero))

    var now: Timestamp { time.withLock { $0.now } }
    /// What no `set` changes.
    var uptime: Duration { time.withLock { $0.uptime } }

    /// Time passes.
    func advance(_ duration: Duration) { time.withLock { $0 = ($0.now + duration, $0.uptime + duration) } }
    /// The clock is set, while no time passes.
    func set(_ moment: Timestamp) { time.withLock { $0.now = moment } }
}

/// A value that callbacks and tasks of a test change together.
final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value { state.withLock { $0 } }

    func change(_ body: @Sendable (inout Value) -> Void) { state.withLock { body(&$0) } }
}
