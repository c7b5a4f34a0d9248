import Dispatch
import NIOCore
import Synchronization

/// What waits for the thread that writes: bytes, put together as they come, and what is to be done between them.
///
/// The event loop puts in and never waits; the thread takes everything that there is. The state is owned by the mutex; the
/// semaphore only wakes the thread.
final class LogQueue: Sendable {
    enum Work: Sendable {
        case write(ByteBuffer, upTo: LogPosition)
        /// The next writes go to this segment.
        case begin(segment: Int)
        /// When everything before is on disk.
        case delete(segment: Int)
        case close
    }

    private struct State: Sendable {
        var work: [Work] = []
        /// Bytes that no `write` of `work` has yet.
        var bytes = ByteBuffer()
        var position = LogPosition.start
        var pendingBytes = 0
        var isStalled = false
        var isFailed = false
        var isClosing = false

        mutating func flush() {
            guard bytes.readableBytes > 0 else { return }
            work.append(.write(bytes, upTo: position))
            bytes = ByteBuffer()
        }
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// Bytes that were put in and are not on disk.
    var pendingBytes: Int { state.withLock { $0.pendingBytes } }
    /// Whether the disk takes nothing at present, or will not any more.
    var isStuck: Bool { state.withLock { $0.isStalled || $0.isFailed } }

    /// Whether nothing is to be waited for any more.
    var isClosing: Bool { state.withLock { $0.isClosing } }

    func write(_ record: ByteBuffer, upTo position: LogPosition) {
        let wasEmpty = state.withLock { state -> Bool in
            defer {
                state.bytes.writeImmutableBuffer(record)
                state.position = position
                state.pendingBytes += record.readableBytes
            }
            return state.bytes.readableBytes == 0 && state.work.isEmpty
        }
        if wasEmpty { wake.signal() }
    }

    func add(_ work: Work) {
        state.withLock { state in
            state.flush()
            state.work.append(work)
        }
        wake.signal()
    }

    /// What was put in before is written if that is possible now, and then the thread ends.
    func close() {
        state.withLock { $0.isClosing = true }
        add(.close)
    }

    /// Everything that waits, in order; blocks until there is something.
    func take() -> [Work] {
        while true {
            let work = state.withLock { state -> [Work] in
                state.flush()
                defer { state.work = [] }
                return state.work
            }
            if !work.isEmpty { return work }
            wake.wait()
        }
    }

    /// Blocks for a while, or less when something new comes.
    func pause(milliseconds: Int) { _ = wake.wait(timeout: .now() + .milliseconds(milliseconds)) }

    func wrote(bytes: Int) { state.withLock { $0.pendingBytes -= bytes } }
    func setStalled(_ isStalled: Bool) { state.withLock { $0.isStalled = isStalled } }
    func fail() { state.withLock { $0.isFailed = true } }
}
