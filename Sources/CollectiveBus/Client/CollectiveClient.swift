package import BusTransport
package import Logging
package import MCollectiveProtocol
import MusterCore
package import NIOCore
package import STOMP
import Synchronization

/// Whom a request is for.
package enum Recipients: Hashable, Sendable {
    /// All nodes that its filter means, in one message.
    case everybody
    /// These nodes, each in a message of its own.
    case nodes([String])
}

/// A client's side of the collective: sends requests, and hands replies to the exchange that waits for them.
package final class CollectiveClient: Sendable {
    private let setup: CollectiveSetup
    private let coder: MessageCoder
    private let logger: Logger
    private let limiter = LogLimiter()
    private let eventLoop: any EventLoop
    private let connectionChanged: @Sendable (Bool) -> Void
    private let state: Mutex<State>
    private let client: Mutex<StompClient?>

    private struct State {
        var exchanges: [String: CollectiveExchange] = [:]
        /// How many exchanges get their replies over a subscription.
        var subscriptionUses: [String: Int] = [:]
        var counter = 0
        var link = ConnectionWait()
        /// When the bytes of this tick came.
        var tick: ContinuousClock.Instant?
        /// When the last connection was lost.
        var lostAt: ContinuousClock.Instant?
        /// Messages that are no replies at all.
        var unreadable = 0
    }

    /// Nothing happens before `start()` or `connect(within:)`.
    ///
    /// - Parameters:
    ///   - eventLoop: It must outlive the client.
    ///   - connectionChanged: Called on the loop when a broker has taken us, and when it is gone.
    package init(
        _ setup: CollectiveSetup, on eventLoop: any EventLoop, logger: Logger,
        connectionChanged: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
        self.setup = setup
        self.eventLoop = eventLoop
        self.logger = logger
        self.connectionChanged = connectionChanged
        coder = MessageCoder(setup)
        state = Mutex(State())
        client = Mutex(nil)
    }

    // MARK: Life

    /// Connects, and connects again until `close()`, whatever the configuration says of attempts.
    package func start() { start(StompOptions(setup).withoutEnd) }

    private func start(_ options: StompOptions) {
        let made = StompClient(options, on: eventLoop, delegate: self)
        client.withLock { $0 = made }
        made.start()
    }

    /// Connects to the first broker of the pool that takes us; from then on lost connections are made again by themselves.
    ///
    /// - Parameter timeout: Nil waits without end.
    /// - Throws: `CollectiveClientError`, or `CancellationError`; the client is closed then.
    package func connect(within timeout: Duration?) async throws {
        start(StompOptions(setup))
        let timer = timeout.map { timeout in
            eventLoop.scheduleTask(in: .nanoseconds(Int64(timeout / .nanoseconds(1)))) { self.timedOut(timeout) }
        }
        do {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    state.withLock { $0.link.begin(continuation) }
                }
            } onCancel: {
                state.withLock { $0.link.fail(CancellationError()) }
            }
            timer?.cancel()
        } catch {
            timer?.cancel()
            await close()
            throw error
        }
    }

    /// Whether there is a connection, or was one a little while ago.
    package func wasConnected(within time: Duration) -> Bool {
        state.withLock { state in
            state.link.broker != nil || state.lostAt.map { $0.duration(to: .now) < time } == true
        }
    }

    /// Requests that never left: too many waited for a broker, or too long.
    package var droppedRequests: Int {
        get async { await client.withLock { $0 }?.dropped() ?? 0 }
    }

    /// Messages that came in as replies and are none.
    package var unreadableReplies: Int { state.withLock { $0.unreadable } }

    /// Why there is no connection, while there is none.
    package var lastFailure: StompFailure? { state.withLock { $0.link.lastFailure } }

    /// Where we are connected, as `host:port`; nil while we are not.
    package var broker: String? { state.withLock { $0.link.broker } }

    /// Ends all exchanges, and says goodbye to the broker.
    package func close() async {
        let last = client.withLock { client in
            defer { client = nil }
            return client
        }
        let exchanges = state.withLock { $0.exchanges.values.map(\.self) }
        for exchange in exchanges { exchange.end() }
        await last?.shutdown()
    }

    private func timedOut(_ timeout: Duration) {
        let broker = setup.pool.brokers.map(\.description).joined(separator: ", ")
        state.withLock { state in
            state.link.fail(
                CollectiveClientError.notConnected(broker: broker, within: timeout, last: state.link.lastFailure))
        }
    }

    // MARK: Asking

    /// Sends a request. Where replies come to is subscribed to before it leaves.
    ///
    /// - Parameters:
    ///   - body: What the agent gets.
    ///   - filter: Of a broadcast, which nodes are meant; `agent` is added where it is missing. What goes to single nodes
    ///     carries the agent alone.
    ///   - collective: Nil is the main one.
    ///   - ttl: Seconds; nil is what the configuration says.
    ///   - replyTo: Where replies shall go instead of here.
    package func send(
        _ body: RubyValue, agent: String, filter: Filter, collective: String? = nil, ttl: Int64? = nil,
        to recipients: Recipients, replyTo: String? = nil
    ) throws -> CollectiveExchange {
        guard let client = client.withLock({ $0 }) else { throw CollectiveClientError.closed }
        var random = SystemRandomNumberGenerator()
        let (sent, targets) = CollectiveClient.scope(filter, agent: agent, to: recipients)
        let request = CollectiveRequest(
            senderID: setup.identity, requestID: CollectiveRequest.makeID(using: &random), filter: sent,
            collective: collective ?? setup.configuration.mainCollective, agent: agent, callerID: setup.callerID,
            ttl: ttl ?? setup.configuration.ttl, time: .now, body: body)
        let counter = state.withLock { state in
            state.counter += 1
            return state.counter
        }
        var messages = try coder.messages(request, to: targets, counter: counter, replyTo: replyTo)
        // What waits longer for a broker would be refused by every node.
        let deadline = NIODeadline.now() + .seconds(max(0, min(request.ttl, 86_400)))
        for index in messages.indices { messages[index].deadline = deadline }
        let subscription =
            replyTo == nil
            ? coder.destinations.replySubscription(
                collective: request.collective, agent: agent, counter: counter) : nil
        let id = request.requestID
        let exchange = CollectiveExchange(requestID: id, security: coder.security, eventLoop: eventLoop) {
            self.ended(id, subscription: subscription?.id)
        }
        // Told to the client under the lock, so that nobody's end takes back what another has just asked for.
        state.withLock { state in
            state.exchanges[id] = exchange
            guard let subscription else { return }
            state.subscriptionUses[subscription.id, default: 0] += 1
            client.subscribe(Subscription(subscription))
        }
        client.send(messages)
        return exchange
    }

    private static func scope(
        _ filter: Filter, agent: String, to recipients: Recipients
    ) -> (Filter, [Destinations.Recipient]) {
        switch recipients {
        case .nodes(let nodes): return (Filter(agent: agent), nodes.map { .node($0) })
        case .everybody:
            var filter = filter
            if !filter.agents.contains(.text(agent)) { filter.agents.append(.text(agent)) }
            return (filter, [.everybody])
        }
    }

    private func ended(_ requestID: String, subscription: String?) {
        let client = client.withLock { $0 }
        state.withLock { state in
            guard state.exchanges.removeValue(forKey: requestID) != nil, let subscription else { return }
            let uses = (state.subscriptionUses[subscription] ?? 1) - 1
            state.subscriptionUses[subscription] = uses > 0 ? uses : nil
            if uses <= 0 { client?.unsubscribe(subscription) }
        }
    }
}

extension CollectiveClient: StompClientDelegate {
    package func stompConnected(to server: StompServer, properties: ServerProperties) {
        state.withLock { $0.link.connected(to: server.description) }
        connectionChanged(true)
        logger.debug("connected to the broker", metadata: ["broker": "\(server)"])
    }

    package func stompReceived(_ delivery: Delivery) {
        let reply: SealedReply
        do throws(EnvelopeError) {
            reply = try SealedReply(
                try coder.envelope(delivery), serializer: coder.security.serializer, limits: coder.limits)
        } catch {
            state.withLock { $0.unreadable += 1 }
            logger.debug("reply refused", metadata: ["reason": "\(error.description.loggable)"])
            return
        }
        let (exchange, time) = state.withLock { state in
            let time = state.tick ?? .now
            state.tick = time
            return (state.exchanges[reply.requestID], time)
        }
        // With the legacy connector we see the replies to others, too.
        exchange?.received(reply, at: time)
    }

    package func stompReadCompleted() { state.withLock { $0.tick = nil } }

    package func stompDisconnected(from server: StompServer, because reason: StompFailure) {
        let wasConnected = state.withLock { state in
            let wasConnected = state.link.broker != nil
            if wasConnected { state.lostAt = .now }
            state.tick = nil
            state.link.disconnected(from: server.description, reason, poolSize: setup.pool.brokers.count)
            return wasConnected
        }
        if wasConnected { connectionChanged(false) }
        guard reason != .shutDown, let suppressed = limiter.admit("disconnected", at: .now) else { return }
        logger.warning(
            "no connection to the broker",
            metadata: [
                "broker": "\(server)", "reason": "\(reason.description.loggable)", "suppressed": "\(suppressed)",
            ])
    }
}
