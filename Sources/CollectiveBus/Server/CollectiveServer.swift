package import BusTransport
package import Logging
package import MCollectiveProtocol
import MusterCore
package import NIOCore
package import STOMP
import Synchronization

/// A node's side of the collective: connects for ever, subscribes in all collectives, lets through what may be served,
/// and sends replies.
package final class CollectiveServer: Sendable {
    private let setup: CollectiveSetup
    private let coder: MessageCoder
    private let logger: Logger
    private let limiter = LogLimiter()
    private let handler: any CollectiveRequestHandler
    private let gate: Mutex<RequestGate>
    private let state: Mutex<State>
    private let client: Mutex<StompClient?>
    private let eventLoop: any EventLoop
    private let connectionChanged: @Sendable (Bool) -> Void

    private struct State {
        var agents: [String]
        var subscriptions: [String: CollectiveSubscription] = [:]
        var isConnected = false
    }

    /// Nothing happens before `start()`.
    ///
    /// - Parameters:
    ///   - agents: Whose broadcasts are listened to, `discovery` among them.
    ///   - rules: What a request must be besides proved.
    ///   - eventLoop: It must outlive the server.
    ///   - handler: Kept for as long as the server is.
    ///   - connectionChanged: Called on the loop when a broker has taken us, and when it is gone.
    package init(
        _ setup: CollectiveSetup, agents: [String], rules: RequestRules, on eventLoop: any EventLoop, logger: Logger,
        handler: any CollectiveRequestHandler, connectionChanged: @escaping @Sendable (Bool) -> Void = { _ in }
    ) {
        self.setup = setup
        self.logger = logger
        self.handler = handler
        self.eventLoop = eventLoop
        self.connectionChanged = connectionChanged
        let coder = MessageCoder(setup)
        self.coder = coder
        gate = Mutex(RequestGate(coder, rules: rules))
        state = Mutex(State(agents: agents))
        client = Mutex(nil)
    }

    // MARK: Life

    /// Connects, and connects again until `stop()`.
    ///
    /// - Throws: `SecurityError.libraryFailure` with the legacy connector where MD5 is forbidden.
    package func start() throws {
        let made = StompClient(StompOptions(setup).withoutEnd, on: eventLoop, delegate: self)
        client.withLock { $0 = made }
        state.withLock { $0.subscriptions = [:] }
        try resubscribe()
        made.start()
    }

    /// Says goodbye to the broker; the handler is not called any more.
    package func stop() async {
        let last = client.withLock { client in
            defer { client = nil }
            return client
        }
        await last?.shutdown()
    }

    /// Whose broadcasts are listened to from now on.
    package func setAgents(_ agents: [String]) throws {
        state.withLock { $0.agents = agents }
        try resubscribe()
    }

    /// Whether a broker has let us in.
    package var isConnected: Bool { state.withLock { $0.isConnected } }

    package var statistics: CollectiveStatistics { gate.withLock { $0.statistics } }

    /// Subscribes to what is new, and takes back what is not wanted any more.
    private func resubscribe() throws {
        let wanted = try subscriptions(state.withLock { $0.agents })
        gate.withLock { $0.subscribed(to: wanted) }
        guard let client = client.withLock({ $0 }) else { return }
        let byID = Dictionary(wanted.map { ($0.id, $0) }) { first, _ in first }
        // Both under the lock: what is told to the client stays in the order of the changes.
        state.withLock { state in
            for id in state.subscriptions.keys where byID[id] == nil { client.unsubscribe(id) }
            for subscription in wanted where state.subscriptions[subscription.id] == nil {
                client.subscribe(Subscription(subscription))
            }
            state.subscriptions = byID
        }
    }

    /// In each collective what is directed to this node, then each agent, as the reference does.
    private func subscriptions(_ agents: [String]) throws(SecurityError) -> [CollectiveSubscription] {
        var subscriptions: [CollectiveSubscription] = []
        for collective in setup.configuration.collectives {
            subscriptions.append(try coder.destinations.directedSubscription(collective: collective))
            for agent in agents {
                subscriptions.append(coder.destinations.broadcastSubscription(collective: collective, agent: agent))
            }
        }
        return subscriptions
    }

    // MARK: Answers

    /// The filter meant somebody else.
    package func noteFiltered() { gate.withLock { $0.noteFiltered() } }

    /// The filter meant this node.
    package func notePassed() { gate.withLock { $0.notePassed() } }

    /// Answers a request; kept while the broker is away, for as long as the client may wait.
    ///
    /// - Parameter name: Another sender than this node: for who stands for others, and for tests of who lies.
    package func reply(_ body: RubyValue, to request: AcceptedRequest, as name: String? = nil) {
        let reply = CollectiveReply(to: request.request, from: name ?? setup.identity, at: .now, body: body)
        do throws(SecurityError) {
            guard var message = try coder.message(reply, to: request, ttl: setup.configuration.ttl) else {
                return note("reply not sent", "the request says nothing of where to")
            }
            message.deadline = .now() + .seconds(setup.configuration.ttl + 10)
            gate.withLock { $0.noteReply() }
            client.withLock { $0 }?.send([message])
        } catch {
            note("reply not sent", "\(error)")
        }
    }

    /// Tells who collects such things that this node is there. Nobody answers.
    package func register(_ body: RubyValue, agent: String, collective: String) {
        var random = SystemRandomNumberGenerator()
        let request = CollectiveRequest(
            senderID: setup.identity, requestID: CollectiveRequest.makeID(using: &random),
            filter: Filter(agent: agent), collective: collective, agent: agent, callerID: setup.callerID,
            ttl: setup.configuration.ttl, time: .now, body: body)
        do throws(SecurityError) {
            let messages = try coder.messages(request, to: [.everybody], counter: 0, replyTo: nil)
            client.withLock { $0 }?.send(messages)
        } catch {
            note("registration not sent", "\(error)")
        }
    }

    private func note(_ what: Logger.Message, _ reason: String) {
        guard let suppressed = limiter.admit("\(what)", at: .now) else { return }
        logger.warning(
            what, metadata: ["reason": "\(reason.loggable)", "suppressed": "\(suppressed)"])
    }
}

extension CollectiveServer: StompClientDelegate {
    package func stompConnected(to server: StompServer, properties: ServerProperties) {
        state.withLock { $0.isConnected = true }
        connectionChanged(true)
        logger.info(
            "connected to the broker",
            metadata: [
                "broker": "\(server)", "stomp.version": "\(properties.version.rawValue)",
                "collectives": "\(setup.configuration.collectives.joined(separator: " "))",
            ])
    }

    package func stompReceived(_ delivery: Delivery) {
        do throws(RequestGate.Refusal) {
            handler.received(try admit(delivery), on: self)
        } catch {
            note("request refused", "\(error)")
        }
    }

    private func admit(_ delivery: Delivery) throws(RequestGate.Refusal) -> AcceptedRequest {
        // The lock is there for those who read the statistics: only the loop takes requests in.
        try gate.withLock { gate throws(RequestGate.Refusal) in try gate.admit(delivery, now: .now) }
    }

    package func stompDisconnected(from server: StompServer, because reason: StompFailure) {
        let wasConnected = state.withLock { state in
            defer { state.isConnected = false }
            return state.isConnected
        }
        if wasConnected { connectionChanged(false) }
        guard reason != .shutDown else { return }
        guard let suppressed = limiter.admit("disconnected", at: .now, burst: 3) else { return }
        logger.warning(
            "no connection to the broker",
            metadata: [
                "broker": "\(server)", "reason": "\(reason.description.loggable)", "suppressed": "\(suppressed)",
            ])
    }
}
