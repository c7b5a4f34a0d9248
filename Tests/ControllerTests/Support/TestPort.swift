import BusTransport
import Logging
import MusterCore
import MusterTestSupport
import NIOCore
import NIOPosix
import SaltProtocol
import Synchronization

@testable import Controller

/// A controller's request port on loopback, with its real desks, key store and store, and a clock that stands still.
final class TestPort: Sendable {
    /// What outlives a restart.
    struct Disk: Sendable {
        let directory: TestDirectory
        let store: TestStore
        let clock = TestClock()

        init() throws {
            directory = try TestDirectory()
            store = try TestStore()
        }
    }

    let disk: Disk
    let keys: KeyStore
    let nodes = NodeIndex()
    let questions = QuestionBook()
    let counters = SaltCounters()
    let signal = SequenceSignal()
    let log = TestLog()
    let ring: PublishKeyRing
    let reports = Shared<[JobEngine.Report]>([])
    let revoked = Shared<[NodeID]>([])
    let endpoint: Endpoint
    /// Holds requests together, so that they meet in one tick.
    let gate: Gate
    let server: RouterServer
    let desk: RequestDesk
    private let pool: NIOThreadPool
    private let group: MultiThreadedEventLoopGroup

    var store: TestStore { disk.store }
    var clock: TestClock { disk.clock }

    /// - Parameter disk: of a controller that stopped.
    init(
        _ disk: Disk? = nil, policy: AutosignPolicy = AutosignPolicy(), pillar: any PillarSource,
        allowsRevocation: Bool = true, acceptsVersion2: Bool = false, options: ServerOptions = ServerOptions(),
        change: (inout RequestDesk.Tools) -> Void = { _ in }
    ) async throws {
        let disk = try disk ?? Disk()
        self.disk = disk
        let clock = disk.clock
        let (log, revoked, reports) = (log, revoked, reports)
        keys = try KeyStore(directory: disk.directory.file("pki"), keyBits: 1024)
        ring = try PublishKeyRing(
            file: disk.directory.file("publish.key"), controller: keys.own, lifetime: .seconds(86_400), now: clock.now)
        let sessions = try SessionSecret(file: disk.directory.file("session.secret"), epochLength: .seconds(86_400))
        pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let signIn = SignInDesk(
            keys: keys, nodes: nodes, store: disk.store, surroundings: .init(policy: policy, sessions: sessions),
            publishKey: ring, pool: pool, threads: 2, counters: counters, eventSignal: signal, now: { clock.now },
            logger: log.logger)
        signIn.open(as: ControllerIdentity(key: keys.own, publishPort: 4505))
        var tools = RequestDesk.Tools(
            keys: keys, nodes: nodes, store: disk.store, sessions: sessions, publishKey: ring, questions: questions,
            ids: JobIDSource(after: Make.jobID(900_000), now: { clock.now }), pillar: pillar, signIn: signIn,
            counters: counters, eventSignal: signal, pool: pool, now: { clock.now }, logger: log.logger,
            logLimiter: LogLimiter(), report: { report in reports.change { $0.append(report) } },
            revoke: { node in
                revoked.change { $0.append(node) }
                return allowsRevocation
            }, rules: RequestRules(acceptsVersion2: acceptsVersion2), clockTolerance: .seconds(300))
        change(&tools)
        desk = RequestDesk(tools, on: group.next())
        gate = Gate(desk)
        server = RouterServer(group: group, options: options, delegate: gate)
        let addresses = try await server.bind(to: [Endpoint(host: "127.0.0.1", port: 0)])
        endpoint = Endpoint(host: "127.0.0.1", port: addresses[0].port ?? 0)
    }

    /// Runs a test with a port, and closes it.
    static func with(
        _ disk: Disk? = nil, policy: AutosignPolicy = AutosignPolicy(), pillar: TargetedPillar.Entry? = nil,
        allowsRevocation: Bool = true, acceptsVersion2: Bool = false, options: ServerOptions = ServerOptions(),
        change: (inout RequestDesk.Tools) -> Void = { _ in }, _ body: (TestPort) async throws -> Void
    ) async throws {
        let port = try await TestPort(
            disk, policy: policy, pillar: TargetedPillar(pillar.map { [$0] } ?? []), allowsRevocation: allowsRevocation,
            acceptsVersion2: acceptsVersion2, options: options, change: change)
        do {
            try await body(port)
        } catch {
            await port.close()
            throw error
        }
        await port.close()
    }

    func close() async {
        await server.shutdown(within: .seconds(5))
        // Nothing depends on how threads end in a test.
        try? await pool.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    /// A node with an accepted key that is signed in.
    func signedIn(_ id: String, key: PrivateKey = Make.keys[0]) async throws -> TestNode {
        try keys.store(key.publicKey.pem, of: Make.node(id), as: .accepted)
        let node = try TestNode(id, key: key, at: self)
        _ = try await node.signIn()
        return node
    }

    /// What a stranger with a key of its own is told.
    func signInFailure(of id: String) async throws -> SignInFailure? {
        try await TestNode(id, key: Make.keys[1], at: self).signInFailure()
    }

    /// The tags of the stored events, returns included.
    func tags() async throws -> [String] {
        // Sign-ins are answered before their event is committed; this waits its turn behind them.
        _ = try await store.base.commit([])
        return try await store.events(after: 0, limit: 10_000).compactMap { entry in
            if case .event(let event) = entry { event.tag } else { nil }
        }
    }
}

/// Hands requests on to a desk, at once or so many together.
final class Gate: RouterServerDelegate {
    private let desk: any RouterServerDelegate
    private let state = Mutex<(wanted: Int, held: [(ByteBuffer, RouterConnection)])>((0, []))
    /// Has passed 0 when a request was handed on.
    let passed = SequenceSignal()

    init(_ desk: any RouterServerDelegate) { self.desk = desk }

    /// The next requests wait for each other until there are so many.
    func gather(_ count: Int) { state.withLock { $0.wanted = count } }

    func connectionOpened(_ connection: RouterConnection) { desk.connectionOpened(connection) }

    func requestReceived(_ payload: ByteBuffer, from connection: RouterConnection) {
        let ready = state.withLock { state -> [(ByteBuffer, RouterConnection)] in
            state.held.append((payload, connection))
            guard state.held.count >= state.wanted else { return [] }
            defer { state = (0, []) }
            return state.held
        }
        for (payload, connection) in ready { desk.requestReceived(payload, from: connection) }
        if !ready.isEmpty { passed.advance(to: 1) }
    }

    func readCompleted(on loop: any EventLoop) { desk.readCompleted(on: loop) }

    func connectionClosed(_ connection: RouterConnection, reason: CloseReason) {
        desk.connectionClosed(connection, reason: reason)
    }

    func connectionRefused(from address: SocketAddress?, reason: CloseReason) {
        desk.connectionRefused(from: address, reason: reason)
    }
}
