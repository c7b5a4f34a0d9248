import BusTransport
import Logging
import MusterCore
import NIOCore

/// Notes which hosts hold subscriptions, and tells the operator of subscribers out of order; on the publish port's loop.
final class SubscriberDesk: PublisherServerDelegate {
    private let nodes: NodeIndex
    private let store: any Store
    private let counters: SaltCounters
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let logLimiter: LogLimiter

    init(
        nodes: NodeIndex, store: any Store, counters: SaltCounters, now: @escaping @Sendable () -> Timestamp,
        logger: Logger, logLimiter: LogLimiter
    ) {
        self.nodes = nodes
        self.store = store
        self.counters = counters
        self.now = now
        self.logger = logger
        self.logLimiter = logLimiter
    }

    func subscriberConnected(from address: SocketAddress?) {
        nodes.subscribed(from: address?.ipAddress ?? "unknown")
    }

    func subscriberDisconnected(from address: SocketAddress?, reason: CloseReason, droppedMessages: Int) {
        switch reason {
        case .violation, .memoryNeeded, .displaced: refused("\(reason)", from: address)
        default: break
        }
        let gone = nodes.unsubscribed(from: address?.ipAddress ?? "unknown", at: now())
        // When it is we who leave, the store keeps who was connected: the next start waits for those.
        guard !gone.isEmpty, reason != .shutDown else { return }
        // A contact that is not stored is known again from the next request.
        store.submit(gone.map { StoreWrite.contact($0.0, $0.1) }) { _ in }
    }

    func subscriberRefused(from address: SocketAddress?, reason: CloseReason) {
        guard reason != .probe, reason != .closedByPeer else { return }
        refused("\(reason)", from: address)
    }

    func subscriberFellBehind(at address: SocketAddress?, waitingMessages: Int) {
        note("subscriber does not read and misses jobs", "\(waitingMessages) messages wait for it", from: address)
    }

    func acceptFailed(_ cause: String) {
        note("connections not accepted, tried again", cause, from: nil)
    }

    private func refused(_ what: String, from address: SocketAddress?) {
        counters.count(.connectionsRefused)
        note("subscriber refused", what, from: address)
    }

    /// A peer can trigger this at will: at most one line a minute and kind, with the count of those left out.
    private func note(_ phrase: Logger.Message, _ detail: @autoclosure () -> String, from address: SocketAddress?) {
        guard let left = logLimiter.admit("\(phrase)", at: now()) else { return }
        logger.warning(
            phrase,
            metadata: [
                "reason": "\(detail().loggable)", "peer.address": "\(address?.ipAddress ?? "unknown")",
                "suppressed": "\(left)",
            ])
    }
}
