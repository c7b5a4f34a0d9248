import BusTransport
import CollectiveBus
import CollectiveTestSupport
import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import NIOCore
import NIOPosix
import STOMP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConversationTests {
    @Test("a broadcast reaches all nodes, and a directed request those it names", arguments: Connector.allCases)
    func asks(connector: Connector) async throws {
        try await TestCollective.with(connector) { collective in
            var nodes: [CollectiveTestNode] = []
            for name in ["web1", "web2", "db1"] { nodes.append(try await collective.startNode(name)) }
            let client = try await collective.connectClient()
            let all = try client.send(Discovery.ping, agent: "discovery", filter: Filter(), to: .everybody)
            #expect(try await all.senders(3) == ["db1", "web1", "web2"])
            all.end()
            let some = try client.send("x", agent: "rpcutil", filter: Filter(), to: .nodes(["web2", "db1"]))
            #expect(try await some.senders(2) == ["db1", "web2"])
            some.end()
            await client.close()
            for node in nodes { await node.stop() }
            #expect(nodes.map(\.statistics.total) == [1, 2, 2])
            #expect(nodes[1].statistics.replies == 2)
        }
    }

    @Test("a reply is for the request that it answers, with two at once", arguments: Connector.allCases)
    func keepsApart(connector: Connector) async throws {
        try await TestCollective.with(connector) { collective in
            let node = try await collective.startNode("web1")
            let (one, two) = (try await collective.connectClient("one"), try await collective.connectClient("two"))
            let first = try one.send("a", agent: "rpcutil", filter: Filter(), to: .everybody)
            let second = try two.send("b", agent: "rpcutil", filter: Filter(), to: .everybody)
            let third = try one.send("c", agent: "rpcutil", filter: Filter(), to: .everybody)
            for exchange in [first, second, third] {
                #expect(try await exchange.senders(1) == ["web1"])
                #expect(try await exchange.next(until: .now) == nil)
            }
            // The destination that two requests may share is kept until both are over.
            first.end()
            let fourth = try one.send("d", agent: "rpcutil", filter: Filter(), to: .everybody)
            #expect(try await fourth.senders(1) == ["web1"])
            for client in [one, two] { await client.close() }
            await node.stop()
        }
    }

    @Test func refusesRepeatsAndCountsThem() async throws {
        try await TestCollective.with(.rabbitmq) { collective in
            let node = try await collective.startNode("web1")
            let sent = try forged(in: collective, by: PSKSecurity(secret: "secret"))
            let unknown = try forged(in: collective, by: PSKSecurity(secret: "other"))
            let sender = try await RawSender.connect(to: collective)
            sender.send([sent, sent, unknown])
            // What is sent last is served last.
            let client = try await collective.connectClient()
            let last = try client.send("x", agent: "rpcutil", filter: Filter(), to: .everybody)
            #expect(try await last.senders(1) == ["web1"])
            await sender.close()
            await client.close()
            await node.stop()
            let statistics = node.statistics
            #expect(statistics.total == 4)
            #expect(statistics.validated == 3)
            #expect(statistics.unvalidated == 1)
            #expect(statistics.repeated == 1)
            #expect(statistics.passed == 2)
        }
    }

    @Test func saysWhyABrokerRefuses() async throws {
        try await TestCollective.with(.activemq) { collective in
            var wrong = collective
            wrong.password = "wrong"
            let client = CollectiveClient(try wrong.setup("client"), on: collective.group.next(), logger: .quiet)
            let error = await #expect(throws: CollectiveClientError.self) {
                try await client.connect(within: .seconds(10))
            }
            guard case .refused? = error else {
                Issue.record("not a refusal: \(String(describing: error))")
                return
            }
        }
    }

    @Test func givesUpWaitingForABrokerThatIsNotThere() async throws {
        try await TestCollective.with(.rabbitmq) { collective in
            var setup = try collective.setup("client")
            setup.pool.brokers[0].port = 1
            let client = CollectiveClient(setup, on: collective.group.next(), logger: .quiet)
            let error = await #expect(throws: CollectiveClientError.self) {
                try await client.connect(within: .milliseconds(100))
            }
            #expect("\(error!)".contains("127.0.0.1:1"))
            #expect("\(error!)".contains("refused"))
        }
    }

    @Test func triesTheNextBrokerOfThePool() async throws {
        try await TestCollective.with(.activemq) { collective in
            var setup = try collective.setup("client")
            var dead = setup.pool.brokers[0]
            dead.port = 1
            setup.pool.brokers.insert(dead, at: 0)
            let client = CollectiveClient(setup, on: collective.group.next(), logger: .quiet)
            try await client.connect(within: .seconds(10))
            #expect(client.broker == "127.0.0.1:\(collective.port)")
            await client.close()
        }
    }

    @Test func aDeadlineEndsTheWaiting() async throws {
        try await TestCollective.with(.rabbitmq) { collective in
            let client = try await collective.connectClient()
            let exchange = try client.send("x", agent: "rpcutil", filter: Filter(), to: .everybody)
            #expect(try await exchange.next(until: .now + .milliseconds(20)) == nil)
            exchange.end()
            #expect(try await exchange.next(until: .now + .seconds(20)) == nil)
            await client.close()
        }
    }

    /// A request as somebody without our client sends it.
    private func forged(in collective: TestCollective, by security: PSKSecurity) throws -> StompMessage {
        let request = CollectiveRequest(
            senderID: "x", requestID: "0123456789abcdef", filter: Filter(agent: "rpcutil"), collective: "mcollective",
            agent: "rpcutil", callerID: try #require(CallerID("uid=0")), time: .now, body: "x")
        var random = SystemRandomNumberGenerator()
        let sealed = try security.seal(request, using: &random)
        return StompMessage(
            ByteBuffer(bytes: sealed.bytes(.marshal)), to: "/exchange/mcollective_broadcast/rpcutil",
            headers: Headers(["reply-to": "/temp-queue/x"]))
    }
}

/// Sends what it is given.
private final class RawSender: StompClientDelegate {
    private let connected = AsyncStream<Void>.makeStream()

    func stompConnected(to server: StompServer, properties: ServerProperties) { connected.continuation.yield() }
    func stompReceived(_ delivery: Delivery) {}
    func stompDisconnected(from server: StompServer, because reason: StompFailure) {}

    static func connect(to collective: TestCollective) async throws -> Connection {
        let sender = RawSender()
        let server = StompServer(
            Endpoint(host: "127.0.0.1", port: collective.port), login: "mcollective", passcode: "pass")
        let client = StompClient(StompOptions(servers: [server]), on: collective.group.next(), delegate: sender)
        client.start()
        for await _ in sender.connected.stream { break }
        return Connection(sender: sender, client: client)
    }

    struct Connection {
        let sender: RawSender
        let client: StompClient

        func send(_ messages: [StompMessage]) { client.send(messages) }
        func close() async { await client.shutdown() }
    }
}
