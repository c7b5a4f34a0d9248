package import CollectiveBus
import Logging
package import MCollectiveProtocol
import MusterCore
package import MusterTestSupport
import NIOCore
package import NIOPosix
import StompBroker
package import Synchronization

/// A broker of ours on loopback, and programs that use it.
package struct TestCollective: Sendable {
    package let port: Int
    package let connector: Connector
    package let log = TestLog()
    package let group: MultiThreadedEventLoopGroup
    package var secret = "secret"
    package var password = "pass"

    /// What a test of this kind lacks.
    struct Missing: Error { let what: String }

    /// Runs `body` beside a broker that lets in `mcollective` with the password `pass`.
    package static func with<Result: Sendable>(
        _ connector: Connector, _ body: @Sendable (TestCollective) async throws -> Result
    ) async throws -> Result {
        let (ports, started) = AsyncStream<Int>.makeStream()
        var configuration = BrokerConfiguration(server: "test")
        configuration.user = .init(name: "mcollective", password: "pass")
        let server = BrokerServer(
            configuration, at: [.init(host: "127.0.0.1", port: 0)], now: { .now }, logger: .quiet,
            listening: { started.yield($0[0].port) })
        let broker = Task { try await server.run() }
        defer { broker.cancel() }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else { throw Missing(what: "a broker") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let result = try await body(TestCollective(port: port, connector: connector, group: group))
            try await group.shutdownGracefully()
            return result
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// The lines of a configuration, for either role.
    package var configuration: String {
        let name = connector.rawValue
        let broker =
            connector == .stomp
            ? [("host", "127.0.0.1"), ("port", "\(port)"), ("user", "mcollective"), ("password", password)]
            : [
                ("pool.size", "1"), ("pool.1.host", "127.0.0.1"), ("pool.1.port", "\(port)"),
                ("pool.1.user", "mcollective"), ("pool.1.password", password),
            ]
        let lines = broker.map { "plugin.\(name).\($0.0) = \($0.1)\n" }
        return "connector = \(name)\nsecurityprovider = psk\nplugin.psk = \(secret)\n" + lines.joined()
    }

    /// What a program of this identity is set up with.
    package func setup(_ identity: String, collectives: [String] = ["mcollective"]) throws -> CollectiveSetup {
        let configuration = CollectiveConfiguration(
            .init("test.cfg", configuration + "collectives = \(collectives.joined(separator: ","))\n"))
        var problems: [ConfigurationProblem] = []
        let pool = BrokerPool(configuration, problems: &problems)
        if let problem = problems.first(where: \.isError) { throw Missing(what: "\(problem)") }
        guard let caller = CallerID("uid=0") else { throw Missing(what: "a caller") }
        return CollectiveSetup(
            configuration: configuration, pool: pool, security: PSKSecurity(secret: secret),
            callerID: caller, identity: identity)
    }

    /// A node that answers every request that names it with its identity and the body.
    package func startNode(_ identity: String, rules: RequestRules? = nil) async throws -> CollectiveTestNode {
        let node = CollectiveTestNode(identity: identity)
        let (connections, connected) = AsyncStream<Bool>.makeStream()
        let server = CollectiveServer(
            try setup(identity), agents: ["discovery", "rpcutil"], rules: rules ?? RequestRules(identity: identity),
            on: group.next(), logger: log.logger, handler: node
        ) { connected.yield($0) }
        node.server.withLock { $0 = server }
        try server.start()
        for await isConnected in connections where isConnected { return node }
        throw Missing(what: "a connection")
    }

    package func connectClient(_ identity: String = "client") async throws -> CollectiveClient {
        let client = CollectiveClient(try setup(identity), on: group.next(), logger: .quiet)
        try await client.connect(within: .seconds(10))
        return client
    }
}

/// A node that answers `discovery` with `pong`, calls with their action and its name, and all else with its name.
package final class CollectiveTestNode: CollectiveRequestHandler {
    package let identity: String
    let server = Mutex<CollectiveServer?>(nil)
    package let requests = Mutex<[AcceptedRequest]>([])
    private let isSilent = Mutex(false)
    private let alias = Mutex<String?>(nil)

    init(identity: String) { self.identity = identity }

    package var statistics: CollectiveStatistics { server.withLock { $0?.statistics } ?? CollectiveStatistics() }

    /// From now on its replies to calls bear another name, as those of a node that lies do.
    package func speak(as name: String) { alias.withLock { $0 = name } }

    /// From now on calls of actions are taken and not answered; discovery is.
    package func fallSilent() { isSilent.withLock { $0 = true } }

    package func received(_ request: AcceptedRequest, on server: CollectiveServer) {
        requests.withLock { $0.append(request) }
        let subject = FilterSubject(
            identity: identity, agents: ["discovery", "rpcutil"], classes: [], facts: ["os": "Debian"])
        guard request.request.filter.passes(subject) else { return server.noteFiltered() }
        server.notePassed()
        if request.request.agent == Discovery.agent {
            return server.reply(Discovery.answer(to: request.request.body), to: request)
        }
        guard !isSilent.withLock({ $0 }) else { return }
        let call = try? RPCRequest(body: request.request.body, agent: request.request.agent)  // nil: no call
        guard let call else { return server.reply(.text("I am \(identity)"), to: request) }
        let reply =
            call.action == "ping"
            ? RPCReply(outputs: ["pong": .int(7)])
            : RPCReply(.aborted, message: "\(call.action) is nothing for \(identity)")
        server.reply(reply.body, to: request, as: alias.withLock { $0 })
    }

    package func stop() async { await server.withLock { $0 }?.stop() }
}

extension CollectiveExchange {
    /// The senders of so many replies, sorted, or of those that came within the time that tests wait.
    package func senders(_ count: Int) async throws -> [String] {
        var senders: [String] = []
        let deadline = ContinuousClock.now + .seconds(20)
        while senders.count < count, let replies = try await next(until: deadline) {
            senders += replies.map(\.reply.senderID)
        }
        return senders.sorted()
    }
}
