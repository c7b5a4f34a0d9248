/// Carries reports from the fabrics' threads to the job engine, in order.
///
/// Bounded by what peers may have in flight, since each waits for its reply.
package final class JobMailbox: Sendable {
    let reports: AsyncStream<JobEngine.Report>
    private let inbox: AsyncStream<JobEngine.Report>.Continuation

    package init() { (reports, inbox) = AsyncStream.makeStream() }

    /// Hands in what happened. Callable from any thread.
    package func put(_ report: JobEngine.Report) { inbox.yield(report) }
}
