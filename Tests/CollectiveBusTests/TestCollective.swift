import CollectiveBus
import Logging
import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import NIOCore
import NIOPosix
import StompBroker
import Synchronization
import Testing

/// A broker of ours on loopback, and programs that use it.
struct TestCollective {
    let port: Int
    let connector: Connector
    let log = TestLog()
    let group: MultiThreadedEventLoopGroup
    var secret = "secret"
    var password = "pass"

    /// Runs `body` beside a broker that lets in `mcollective` with the password `pass`.
    static func with<Result: Sendable>(
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
        let port = try #require(await iterator.next())
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

    func setup(_ identity: String, collectives: [String] = ["mcollective"]) throws -> CollectiveSetup {
        var configuration = CollectiveConfiguration(
            .init(
                "test.cfg", "connector = \(connector.rawValue)\ncollectives = \(collectives.joined(separator: ","))\n"))
        configuration.plugins = Dictionary(
            uniqueKeysWithValues: [
                ("host", "127.0.0.1"), ("port", "\(port)"), ("user", "mcollective"), ("password", password),
                ("pool.size", "1"), ("pool.1.host", "127.0.0.1"), ("pool.1.port", "\(port)"),
                ("pool.1.user", "mcollective"), ("pool.1.password", password),
            ].map { ("\(connector.rawValue).\($0.0)", $0.1) })
        if connector == .stomp { configuration.plugins["stomp.pool.size"] = nil }
        var problems: [ConfigurationProblem] = []
        let pool = BrokerPool(configuration, problems: &problems)
        #expect(problems.filter(\.isError) == [])
        return CollectiveSetup(
            configuration: configuration, pool: pool, security: PSKSecurity(secret: secret),
            callerID: try #require(CallerID("uid=0")), identity: identity)
    }

    /// A node that answers every request that names it with its identity and the body.
    func startNode(_ identity: String, rules: RequestRules? = nil) async throws -> TestNode {
        let node = TestNode(identity: identity)
        let server = CollectiveServer(
            try setup(identity), agents: ["discovery", "rpcutil"], rules: rules ?? RequestRules(identity: identity),
            on: group.next(), logger: log.logger, handler: node)
        node.server.withLock { $0 = server }
        try server.start()
        // Each connection of this test has one node.
        while !server.isConnected { try await Task.sleep(for: .milliseconds(2)) }
        return node
    }

    func connectClient(_ identity: String = "client") async throws -> CollectiveClient {
        let client = CollectiveClient(try setup(identity), on: group.next(), logger: .quiet)
        try await client.connect(within: .seconds(10))
        return client
    }
}

/// Answers what it gets with its name.
final class TestNode: CollectiveRequestHandler {
    let identity: String
    let server = Mutex<CollectiveServer?>(nil)
    let requests = Mutex<[AcceptedRequest]>([])

    init(identity: String) { self.identity = identity }

    var statistics: CollectiveStatistics { server.withLock { $0?.statistics } ?? CollectiveStatistics() }

    func received(_ request: AcceptedRequest, on server: CollectiveServer) {
        requests.withLock { $0.append(request) }
        guard request.request.filter.identities.isEmpty || request.request.filter.identities == [.text(identity)] else {
            return server.noteFiltered()
        }
        server.notePassed()
        server.reply(.text("I am \(identity)"), to: request)
    }

    func stop() async { await server.withLock { $0 }?.stop() }
}

extension CollectiveExchange {
    /// The senders of so many replies, sorted, or of those that came within the time that tests wait.
    func senders(_ count: Int) async throws -> [String] {
        var senders: [String] = []
        let deadline = ContinuousClock.now + .seconds(20)
        while senders.count < count, let replies = try await next(until: deadline) {
            senders += replies.map(\.reply.senderID)
        }
        return senders.sorted()
    }
}
