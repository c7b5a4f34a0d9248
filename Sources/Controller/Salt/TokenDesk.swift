import NIOCore
import NIOPosix
import SaltProtocol
import Synchronization

/// Judges tokens that a session has not seen before, on the thread pool: that takes RSA, which is no work for an event loop.
///
/// The queue is bounded; beyond it a request is not answered, and its node sends it again.
final class TokenDesk: Sendable {
    private let pool: NIOThreadPool
    private let loop: any EventLoop
    private let queued = Atomic<Int>(0)
    /// Some 200 µs each.
    private let queueLimit = 20_000

    init(pool: NIOThreadPool, loop: any EventLoop) {
        self.pool = pool
        self.loop = loop
    }

    /// - Parameter answer: called on the loop with the proof, which remembers the token if it is right.
    func judge(_ token: [UInt8], by proof: ProofToken, answer: @escaping @Sendable (ProofToken, Bool) -> Void) {
        guard queued.load(ordering: .relaxed) < queueLimit else { return }
        queued.add(1, ordering: .relaxed)
        pool.submit { state in
            defer { self.queued.subtract(1, ordering: .relaxed) }
            guard case .active = state else { return }
            var proof = proof
            let isRight = proof.accepts(token)
            let judged = proof
            self.loop.execute { answer(judged, isRight) }
        }
    }
}
