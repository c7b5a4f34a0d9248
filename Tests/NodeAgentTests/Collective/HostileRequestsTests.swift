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

@testable import NodeAgent

/// Requests that the reference serves, or stumbles over, against a whole node of ours behind a broker of ours: nothing of
/// it is served, all of it is counted, and the node goes on.
///
/// Source: section 16 of the protocol reference.
@Suite(.timeLimit(.minutes(1)))
struct HostileRequestsTests {
    private static let secret = "secret"

    /// An envelope as the reference would serve it, changed.
    private static func envelope(
        secret: String = secret, age: Int64 = 0, ttl: Int64 = 60, id: String, agent: String = "rpcutil",
        body: RubyValue? = nil, _ change: (inout RubyHash) -> Void = { _ in }
    ) throws -> [UInt8] {
        let caller = try #require(CallerID("uid=0"))
        let request = CollectiveRequest(
            senderID: "x", requestID: id, filter: Filter(agent: agent), collective: "mcollective", agent: agent,
            callerID: caller, ttl: ttl, time: Timestamp(seconds: Timestamp.now.seconds - age),
            body: body ?? RPCRequest(agent: agent, action: "ping", caller: caller).body)
        var random = SystemRandomNumberGenerator()
        let sealed = try PSKSecurity(secret: secret).seal(request, using: &random)
        var hash = try #require(try Serializer.marshal.value(sealed.bytes(.marshal)).hash)
        change(&hash)
        return Serializer.marshal.bytes(.hash(hash))
    }

    /// What is sent, by why it must not be served, and whether it is proved nevertheless.
    private static func table() throws -> [(reason: String, bytes: [UInt8], isProved: Bool)] {
        let deep = [UInt8]([4, 8]) + Array(repeating: [UInt8(ascii: "["), 6], count: 100_000).flatMap { $0 } + [0x30]
        return [
            ("from the future", try envelope(age: -3600, id: "1"), true),
            ("expired", try envelope(age: 120, id: "2"), true),
            ("expired, and its ttl raised", try envelope(age: 3600, ttl: 1_000_000, id: "3"), true),
            ("ttl as text", try envelope(id: "4") { $0[.symbol("ttl")] = "60" }, false),
            ("another key", try envelope(secret: "other", id: "5"), false),
            ("no hash", try envelope(id: "6") { $0[.symbol("hash")] = nil }, false),
            ("hash in upper case", try envelope(id: "7") { $0[.symbol("hash")] = .text("ABCDEF0123456789") }, false),
            (
                "another body", try envelope(id: "8") { $0[.symbol("body")] = .bytes(Array("\u{4}\u{8}i\u{6}".utf8)) },
                false
            ),
            (
                "a caller of several lines", try envelope(id: "9") { $0[.symbol("callerid")] = "junk\nuid=0\nmore" },
                false
            ),
            ("a caller that is a path", try envelope(id: "10") { $0[.symbol("callerid")] = "cert=../../x" }, false),
            ("another collective", try envelope(id: "11") { $0[.symbol("collective")] = "web" }, true),
            ("another agent", try envelope(id: "12", agent: "shell"), true),
            (
                "a body of another agent",
                try envelope(id: "14", body: RPCRequest(agent: "puppet", action: "ping").body), true
            ),
            ("a filter that is none", try envelope(id: "13") { $0[.symbol("filter")] = "all" }, false),
            ("an array that promises a billion", [4, 8, UInt8(ascii: "["), 4, 0, 0xca, 0x9a, 0x3b], false),
            ("a text that promises a billion", [4, 8, UInt8(ascii: "\""), 4, 0, 0xca, 0x9a, 0x3b], false),
            ("a hundred thousand arrays in each other", deep, false),
            ("an object of a class", [4, 8] + Array("o:\u{0b}Object\u{0}".utf8), false),
            ("no Marshal", Array("GET / HTTP/1.1".utf8), false), ("nothing", [], false),
        ]
    }

    @Test func servesNothingOfIt() async throws {
        try await Self.withNode { collective, profile in
            let client = try await collective.connectClient()
            try await poll("the node is there", within: .seconds(30)) {
                let exchange = try client.send(Discovery.ping, agent: "discovery", filter: Filter(), to: .everybody)
                defer { exchange.end() }
                return try await exchange.next(until: .now + .milliseconds(200)) != nil
            }
            let before = profile.counters
            let raw = try await RawSender.connect(to: collective)
            // The same bytes twice: the first is served, as a good request.
            let good = try Self.envelope(id: "good")
            let table = try Self.table()
            raw.send(table.map(\.bytes) + [good, good])
            let sent = table.count + 2
            try await poll("everything has come", within: .seconds(30)) {
                profile.counters.total - before.total >= sent
            }
            let exchange = try client.send(
                RPCRequest(agent: "rpcutil", action: "daemon_stats").body, agent: "rpcutil",
                filter: Filter(agent: "rpcutil"), to: .everybody)
            let replies = try await exchange.next(until: .now + .seconds(20))
            #expect(try RPCReply(body: try #require(replies?.first?.reply.body)).status == .ok)
            await client.close()
            await raw.close()
            let after = profile.counters
            #expect(after.total - before.total == sent + 1)
            // The good one, the last one, and the one whose body is for another agent, which nobody has answered.
            #expect(after.passed - before.passed == 3)
            #expect(after.replies - before.replies == 2)
            #expect(after.filtered == before.filtered)
            #expect(after.expired - before.expired == 2)
            #expect(after.unvalidated - before.unvalidated == table.count { !$0.isProved })
        }
    }

    /// Runs a test beside a broker and a node.
    private static func withNode(
        _ body: @Sendable (TestCollective, CollectiveProfile) async throws -> Void
    ) async throws {
        try await TestCollective.with(.rabbitmq) { collective in
            let fixture = try CollectiveFixture()
            let node = CollectiveNode(
                try collective.setup("node1"), profile: fixture.profile, desk: fixture.desk, drainLimit: .zero,
                on: collective.group.next(), logger: .quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await node.run() }
                defer { group.cancelAll() }
                try await body(collective, fixture.profile)
            }
        }
    }
}

/// Sends bytes as requests to an agent, as somebody without our client does.
private final class RawSender: StompClientDelegate {
    private let connected = AsyncStream<Void>.makeStream()

    func stompConnected(to server: StompServer, properties: ServerProperties) { connected.continuation.yield() }
    func stompReceived(_ delivery: Delivery) {}
    func stompDisconnected(from server: StompServer, because reason: StompFailure) {}

    struct Connection {
        let sender: RawSender
        let client: StompClient

        func send(_ bodies: [[UInt8]]) {
            client.send(
                bodies.map { body in
                    StompMessage(
                        ByteBuffer(bytes: body), to: "/exchange/mcollective_broadcast/rpcutil",
                        headers: Headers(["reply-to": "/temp-queue/x"]))
                })
        }

        func close() async { await client.shutdown() }
    }

    static func connect(to collective: TestCollective) async throws -> Connection {
        let sender = RawSender()
        let server = StompServer(
            Endpoint(host: "127.0.0.1", port: collective.port), login: "mcollective", passcode: "pass")
        let client = StompClient(StompOptions(servers: [server]), on: collective.group.next(), delegate: sender)
        client.start()
        for await _ in sender.connected.stream { break }
        return Connection(sender: sender, client: client)
    }
}
