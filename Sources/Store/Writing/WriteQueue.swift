import DequeModule
import Dispatch
import Synchronization

/// How much of the queue's bound something takes.
struct WriteWeight: Hashable {
    var writes: Int
    var bytes: Int

    static let none = WriteWeight(writes: 0, bytes: 0)

    static func + (left: WriteWeight, right: WriteWeight) -> WriteWeight {
        WriteWeight(writes: left.writes + right.writes, bytes: left.bytes + right.bytes)
    }

    func exceeds(_ limit: WriteWeight) -> Bool { writes > limit.writes || bytes > limit.bytes }
}

/// What waits for the writer: bounded, many threads put in, one takes out.
///
/// At the bound `add` refuses. Something larger than the bound is let in when nothing else waits. The state is owned by
/// the mutex; the semaphore only wakes the taker, which looks again whenever it wakes.
final class WriteQueue<Element: Sendable>: Sendable {
    enum Admission: Hashable {
        case accepted
        case overloaded(pendingWrites: Int)
        case closed
    }

    private struct State {
        var waiting: Deque<(element: Element, weight: WriteWeight)> = []
        var waitingWeight = WriteWeight.none
        /// What the taker has in hand.
        var takenWeight = WriteWeight.none
        var isClosed = false
    }

    private let limit: WriteWeight
    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    init(limit: WriteWeight) { self.limit = limit }

    /// Writes that were let in and are not done.
    var pendingWrites: Int { state.withLock { $0.waitingWeight.writes + $0.takenWeight.writes } }

    /// Puts something at the end, unless the bound or the end is reached.
    func add(_ element: Element, weight: WriteWeight) -> Admission {
        let (admission, wasEmpty) = state.withLock { state -> (Admission, Bool) in
            guard !state.isClosed else { return (.closed, false) }
            let pending = state.waitingWeight + state.takenWeight
            if pending != .none, (pending + weight).exceeds(limit) {
                return (.overloaded(pendingWrites: pending.writes), false)
            }
            defer {
                state.waiting.append((element, weight))
                state.waitingWeight = state.waitingWeight + weight
            }
            return (.accepted, state.waiting.isEmpty)
        }
        if wasEmpty { wake.signal() }
        return admission
    }

    /// Lets in a last element whatever the bound, and nothing after it. False when it was closed before.
    func close(with last: Element) -> Bool {
        let isFirst = state.withLock { state -> Bool in
            guard !state.isClosed else { return false }
            state.isClosed = true
            state.waiting.append((last, .none))
            return true
        }
        if isFirst { wake.signal() }
        return isFirst
    }

    /// The oldest elements, as many as weigh up to `limit` and at least one; blocks until there are some.
    ///
    /// What was taken before counts as done.
    func take(upTo limit: WriteWeight) -> [Element] {
        while true {
            let batch = state.withLock { state -> [Element] in
                state.takenWeight = .none
                var count = 0
                for next in state.waiting {
                    let weight = state.takenWeight + next.weight
                    if count > 0, weight.exceeds(limit) { break }
                    state.takenWeight = weight
                    count += 1
                }
                state.waitingWeight = WriteWeight(
                    writes: state.waitingWeight.writes - state.takenWeight.writes,
                    bytes: state.waitingWeight.bytes - state.takenWeight.bytes)
                let batch = state.waiting.prefix(count).map(\.element)
                state.waiting.removeFirst(count)
                return batch
            }
            if !batch.isEmpty { return batch }
            wake.wait()
        }
    }
}
