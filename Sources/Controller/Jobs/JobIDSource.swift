package import MusterCore
import Synchronization

/// Gives out job ids, unique and increasing, to whoever makes jobs: operators' requests, questions, nodes' own returns.
package final class JobIDSource: Sendable {
    private let clock: Mutex<JobIDClock>
    private let now: @Sendable () -> Timestamp

    /// - Parameter newest: the newest id in the store.
    package init(after newest: JobID?, now: @escaping @Sendable () -> Timestamp) {
        clock = Mutex(JobIDClock(after: newest))
        self.now = now
    }

    /// The next id.
    package func next() -> JobID { clock.withLock { $0.next(at: now()) } }
}
