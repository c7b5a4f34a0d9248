import Synchronization

/// Wakes those who wait for a number to pass theirs: an event sequence, the length of a job's log.
///
/// State is owned by a `Mutex`; waiters are resumed outside it.
package final class SequenceSignal: Sendable {
    private struct Waiter {
        let id: UInt64
        let after: Int64
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var value: Int64
        var nextWaiter: UInt64 = 0
        var waiters: [Waiter] = []
        /// Waiters cancelled before they were registered.
        var cancelled: Set<UInt64> = []
    }

    private let state: Mutex<State>

    package init(_ value: Int64 = 0) { state = Mutex(State(value: value)) }

    /// The newest number.
    package var value: Int64 { state.withLock { $0.value } }

    /// Raises the number and wakes whom it passed. A smaller number changes nothing.
    package func advance(to value: Int64) {
        let woken = state.withLock { state -> [Waiter] in
            guard value > state.value else { return [] }
            state.value = value
            let woken = state.waiters.filter { $0.after < value }
            state.waiters.removeAll { $0.after < value }
            return woken
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    /// Returns when the number is above `value`, or when the task is cancelled.
    package func passes(_ value: Int64) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.value > value || state.cancelled.remove(id) != nil { return true }
                    state.waiters.append(Waiter(id: id, after: value, continuation: continuation))
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume()
        }
        state.withLock { _ = $0.cancelled.remove(id) }
    }
}
