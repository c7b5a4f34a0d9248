import HTTPAPI
import Logging
import MusterCore
import MusterTestSupport
import ServiceLifecycle
import Synchronization
import Testing

/// A broker's API on a real socket: what goes in at one end comes out at the other.
@Suite struct BrokerAPITests {
    private final class Broker: BrokerService {
        let refusal: BrokerServiceError?
        let changes = Mutex<[(BrokerChange, String)]>([])

        init(refusal: BrokerServiceError? = nil) { self.refusal = refusal }

        static let traffic = BrokerTraffic(
            published: 1, delivered: 2, publishedPerSecond: 0.25, deliveredPerSecond: 0.5)
        static let time = Timestamp(microseconds: 1_700_000_000_123_456)

        func status() async throws -> BrokerStatus {
            BrokerStatus(
                version: "1", started: Self.time, listeners: ["stomp [::1]:1"], dataDirectory: nil, memoryBytes: 5,
                connections: ConnectionUse(port: "stomp", used: 1, limit: 2, isLimitedByDescriptors: false),
                refusedClients: 3, refusedFrames: 4,
                virtualHosts: [
                    BrokerVirtualHost(
                        name: "/é", isConfigured: true, connections: 1, queues: 2, messages: 3, bytes: 4, logBytes: 5,
                        traffic: Self.traffic, counters: ["denied": 6])
                ])
        }
        func queues() async throws -> [BrokerQueue] {
            [
                BrokerQueue(
                    virtualHost: "/", name: "q", messages: 1, unacknowledged: 2, bytes: 3, consumers: 4,
                    traffic: Self.traffic)
            ]
        }
        func topics() async throws -> [BrokerTopic] {
            [BrokerTopic(virtualHost: "/", destination: "/topic/#", subscribers: 1, backlog: 2)]
        }
        func connections() async throws -> [BrokerClientConnection] {
            [
                BrokerClientConnection(
                    id: 1, address: "::1", user: nil, virtualHost: "/", version: "1.1", isEncrypted: true,
                    subscriptions: 1, unacknowledged: 2, pendingBytes: 3, since: Self.time)
            ]
        }
        func users() async throws -> [BrokerUser] {
            [BrokerUser(name: "ann", tags: [.monitoring], isConfigured: true)]
        }
        func permissions() async throws -> [BrokerPermission] {
            [BrokerPermission(user: "ann", virtualHost: "/", configure: "", write: "a", read: "b", topicWrite: "c")]
        }
        func change(_ change: BrokerChange, by user: String) async throws -> BrokerChangeResult {
            if let refusal { throw refusal }
            changes.withLock { $0.append((change, user)) }
            return BrokerChangeResult(messages: 7, connections: 8)
        }
    }

    private func with(_ broker: Broker, _ body: (BrokerClient, String) async throws -> Void) async throws {
        let directory = try TestDirectory()
        let path = directory.file("b.sock")
        let (listening, signal) = AsyncStream<Void>.makeStream()
        let server = APIServer(serving: broker, configuration: .init(socketPath: path), logger: .quiet) {
            signal.yield()
        }
        let services = ServiceGroup(services: [server], logger: .quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            for await _ in listening { break }
            try await body(BrokerClient(socketPath: path), path)
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    @Test("every report arrives as it was made")
    func reports() async throws {
        let broker = Broker()
        try await with(broker) { client, _ async throws in
            #expect(try await client.status() == broker.status())
            #expect(try await client.queues() == broker.queues())
            #expect(try await client.topics() == broker.topics())
            #expect(try await client.connections() == broker.connections())
            #expect(try await client.users() == broker.users())
            #expect(try await client.permissions() == broker.permissions())
        }
    }

    @Test("a change arrives whole, in the name of who the kernel says asks")
    func changes() async throws {
        let broker = Broker()
        let change = BrokerChange(
            .setPermission, user: "u", password: "p", tags: [.administrator], virtualHost: "/",
            permission: BrokerPermission(user: "ann", virtualHost: "/", configure: "", write: "", read: "(\"é"),
            queue: "q", connection: 9, isForced: true)
        try await with(broker) { client, _ async throws in
            let result = try await client.change(change, by: "somebody else")
            #expect(result == BrokerChangeResult(messages: 7, connections: 8))
        }
        let arrived = broker.changes.withLock { $0 }
        #expect(arrived.map(\.0) == [change])
        #expect(arrived.map(\.1) != ["somebody else"])
    }

    @Test(
        "a refusal is the same error at the other end",
        arguments: [
            BrokerServiceError.unknownUser("ann"), .userExists("ann"), .unknownVirtualHost("/x"),
            .virtualHostExists("/x"), .unknownQueue("q", virtualHost: "/"), .unknownConnection(5),
            .noPermission(user: "ann", virtualHost: "/"), .isConfigured("user 'x'"), .hasMessages("/x", count: 3),
            .isBeingRemoved("/x"), .invalid("no"), .notKept, .cannotStore("full"), .shuttingDown,
        ])
    func refusals(error: BrokerServiceError) async throws {
        try await with(Broker(refusal: error)) { client, _ async throws in
            await #expect(throws: error) { _ = try await client.change(BrokerChange(.purge), by: "x") }
        }
    }

    @Test("a controller's routes are not a broker's")
    func routes() async throws {
        try await with(Broker()) { _, path async throws in
            await #expect(throws: ClientError.self) { _ = try await ControllerClient(socketPath: path).keys() }
        }
    }
}
