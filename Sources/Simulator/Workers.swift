import NIOCore
import NIOPosix

/// Threads for RSA work, which takes a millisecond at a time, and the loop to which results come back.
struct Workers {
    let eventLoop: any EventLoop
    let pool: NIOThreadPool

    /// Does the work on a thread, and calls `then` on the loop; not at all when the pool is shut down meanwhile.
    func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result, then: @escaping (Result) -> Void) {
        pool.runIfActive(eventLoop: eventLoop, work).assumeIsolated().whenSuccess(then)
    }
}
