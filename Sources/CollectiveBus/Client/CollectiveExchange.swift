package import MCollectiveProtocol
import NIOCore
import Synchronization

/// A reply that was proved.
package struct ReceivedReply: Sendable {
    package var reply: CollectiveReply
    package var receivedAt: ContinuousClock.Instant

    package init(_ reply: CollectiveReply, receivedAt: ContinuousClock.Instant) {
        self.reply = reply
        self.receivedAt = receivedAt
    }
}

/// A request that is out, and the replies to it. One consumer.
package final class CollectiveExchange: Sendable {
    /// At most so many replies, and so many bytes of them, wait for the consumer; the newest are dropped beyond, and counted
    /// as refused.
    private static let maxWaiting = (replies: 200_000, bytes: 64 << 20)

    private struct State {
        var waiting: [(reply: SealedReply, at: ContinuousClock.Instant)] = []
        var waitingBytes = 0
        var waiter: CheckedContinuation<Void, Never>?
        var refused = 0
        var isOver = false
    }

    package let requestID: String
    private let security: any SecurityProvider
    private let eventLoop: any EventLoop
    private let onEnd: @Sendable () -> Void
    private let state = Mutex(State())

    init(
        requestID: String, security: any SecurityProvider, eventLoop: any EventLoop,
        onEnd: @escaping @Sendable () -> Void
    ) {
        self.requestID = requestID
        self.security = security
        self.eventLoop = eventLoop
        self.onEnd = onEnd
    }

    /// Replies that prove nothing, and those that came in too fast.
    package var refusedReplies: Int { state.withLock { $0.refused } }

    /// What has arrived since the last call, at least one, in order of arrival.
    ///
    /// Opens the replies here and not on the loop: with the aes provider each costs a private RSA operation.
    ///
    /// - Returns: Nil when the deadline passes, or after `end()`.
    /// - Throws: `CancellationError`.
    package func next(until deadline: ContinuousClock.Instant) async throws -> [ReceivedReply]? {
        while true {
            try Task.checkCancellation()
            let (taken, isOver) = state.withLock { state in
                defer { (state.waiting, state.waitingBytes) = ([], 0) }
                return (state.waiting, state.isOver)
            }
            let opened = open(taken)
            if !opened.isEmpty { return opened }
            guard !isOver, ContinuousClock.now < deadline else { return nil }
            await wait(until: deadline)
        }
    }

    /// No further replies are taken.
    package func end() {
        let waiter = state.withLock { state in
            state.isOver = true
            state.waiting = []
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
        onEnd()
    }

    private func open(_ sealed: [(reply: SealedReply, at: ContinuousClock.Instant)]) -> [ReceivedReply] {
        var opened: [ReceivedReply] = []
        opened.reserveCapacity(sealed.count)
        var refused = 0
        for (reply, time) in sealed {
            // What is no name of a node would be one in the next request's destination, or on a terminal.
            guard Identity.isValid(reply.senderID) else {
                refused += 1
                continue
            }
            do throws(SecurityError) { opened.append(ReceivedReply(try security.open(reply), receivedAt: time)) } catch
            {
                refused += 1
            }
        }
        if refused > 0 { state.withLock { $0.refused += refused } }
        return opened
    }

    private func wait(until deadline: ContinuousClock.Instant) async {
        let left = ContinuousClock.now.duration(to: deadline)
        let timer = eventLoop.scheduleTask(in: .nanoseconds(max(0, left.nanoseconds))) { self.wake() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    guard state.waiting.isEmpty, !state.isOver, !Task.isCancelled, ContinuousClock.now < deadline else {
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
        timer.cancel()
    }

    private func wake() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// A reply came; called on the loop.
    func received(_ reply: SealedReply, at time: ContinuousClock.Instant) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isOver else { return nil }
            let limit = CollectiveExchange.maxWaiting
            guard state.waiting.count < limit.replies, state.waitingBytes < limit.bytes else {
                state.refused += 1
                return nil
            }
            state.waitingBytes += reply.body.bytes.count
            state.waiting.append((reply, time))
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

extension Duration {
    /// Saturating.
    fileprivate var nanoseconds: Int64 {
        let (product, overflows) = components.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflows ? .max / 2 : product + components.attoseconds / 1_000_000_000
    }
}
