import BusTransport
package import Logging
package import MusterCore
import NIOCore
import NIOPosix
import SaltProtocol
import Synchronization
import ZMTP

/// The Salt wire of a controller: the publish port, the request port, and what stands behind them.
///
/// One event loop carries both ports and owns their state; RSA and pillar work run on a small pool beside it.
package final class SaltFabric: JobPublishing, Sendable {
    private let configuration: SaltFabricConfiguration
    private let publishKey: PublishKeyRing
    private let keys: KeyStore
    private let nodes: NodeIndex
    private let store: any Store
    private let signIn: SignInDesk
    private let counters: SaltCounters
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let group: MultiThreadedEventLoopGroup
    private let pool: NIOThreadPool
    private let replayFile: ReplayFile
    private let replays: [NodeID: ReplayMemory.Record]?
    private let desk: RequestDesk
    private let router: RouterServer
    let publisher: PublisherServer
    private let addresses = Mutex<[String]>([])
    /// A new publish key could not be stored and is still to be made.
    private let owesRotation = Atomic(false)
    /// Publishes go out in the order of their serials.
    private let publishing = Mutex<Void>(())

    package init(_ configuration: SaltFabricConfiguration, parts: Parts) throws {
        self.configuration = configuration
        (keys, nodes, store) = (parts.keys, parts.nodes, parts.store)
        (now, logger) = (parts.now, parts.logger)
        let counters = SaltCounters()
        self.counters = counters
        publishKey = try PublishKeyRing(
            file: "\(configuration.stateDirectory)/publish.key", controller: parts.keys.own,
            algorithm: configuration.publishSignature, lifetime: configuration.keyLifetime, now: parts.now())
        replayFile = ReplayFile("\(configuration.stateDirectory)/replays")
        replays = try replayFile.read()
        // After a crash nobody knows what was served: under new session keys no recorded request opens.
        let sessions = try SessionSecret(
            file: "\(configuration.stateDirectory)/session.secret", epochLength: configuration.keyLifetime,
            renews: replays == nil)
        if sessions.wasRenewed {
            logger.notice("the controller did not stop in order: new session keys, every node signs in again")
        }
        pool = NIOThreadPool(numberOfThreads: configuration.cryptographyThreads)
        pool.start()
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        signIn = SignInDesk(
            keys: parts.keys, nodes: parts.nodes, store: parts.store,
            surroundings: .init(
                policy: configuration.autosign, sessions: sessions, firesEvents: configuration.firesAuthEvents),
            publishKey: publishKey, pool: pool, threads: configuration.cryptographyThreads, counters: counters,
            eventSignal: parts.eventSignal, now: parts.now,
            logger: parts.logger)
        var tools = RequestDesk.Tools(
            keys: parts.keys, nodes: parts.nodes, store: parts.store, sessions: sessions,
            publishKey: publishKey, questions: parts.questions,
            ids: parts.ids, pillar: parts.pillar, signIn: signIn, counters: counters, eventSignal: parts.eventSignal,
            pool: pool, now: parts.now, logger: parts.logger, logLimiter: LogLimiter(), report: parts.report,
            revoke: parts.revoke,
            rules: RequestRules(acceptsVersion2: configuration.acceptsVersion2),
            clockTolerance: configuration.clockTolerance)
        tools.unaskedReturns = configuration.unaskedReturns
        tools.eventLimits = configuration.eventLimits
        tools.replays = replays ?? [:]
        desk = RequestDesk(tools, on: group.next())
        router = RouterServer(group: group, options: configuration.requestOptions, delegate: desk)
        publisher = PublisherServer(
            group: group, options: configuration.publishOptions,
            delegate: SubscriberDesk(
                nodes: parts.nodes, store: parts.store, counters: counters, now: parts.now, logger: parts.logger,
                logLimiter: LogLimiter()))
    }

    /// What the fabric shares with the rest of the controller.
    package struct Parts: Sendable {
        package var keys: KeyStore
        package var nodes: NodeIndex
        package var store: any Store
        package var questions: QuestionBook
        package var ids: JobIDSource
        package var pillar: any PillarSource
        package var eventSignal: SequenceSignal
        package var now: @Sendable () -> Timestamp
        package var logger: Logger
        package var report: @Sendable (JobEngine.Report) -> Void
        package var revoke: @Sendable (NodeID) -> Bool
    }

    /// Listens on both ports.
    ///
    /// - Throws: `BusError` naming the address that is taken or not ours.
    package func open() async throws {
        let publishAddresses = try await publisher.bind(
            to: configuration.hosts.map { Endpoint(host: $0, port: configuration.publishPort) })
        guard let port = publishAddresses.first?.port.flatMap(UInt16.init(exactly:)) else { return }
        signIn.open(as: ControllerIdentity(key: keys.own, publishPort: port, keySignature: configuration.keySignature))
        let requestAddresses = try await openRequestPort()
        let listeners =
            publishAddresses.map { "salt publish \(Endpoint($0))" }
            + requestAddresses.map { "salt request \(Endpoint($0))" }
        addresses.withLock { $0 = listeners }
        for file in configuration.autosign.unsafeFiles() {
            logger.warning(
                "file ignored, because others than its owner may write it: run 'chmod go-w'",
                metadata: ["file": "\(file)"])
        }
        warmKeys()
        logger.info("listening", metadata: ["listeners": "\(listeners.joined(separator: ", "))"])
        tellLimit()
    }

    /// Reads the keys of the fleet beside everything else, so that event loops find them read.
    private func warmKeys() {
        let keys = keys
        pool.submit { state in
            guard case .active = state else { return }
            for node in keys.acceptedNodes { _ = keys.keptKey(of: node) }
        }
    }

    /// Says when fewer nodes fit than are configured, and what to do about it.
    private func tellLimit() {
        let budget = configuration.connectionBudget
        guard budget.isLimitedByDescriptors else { return }
        let wanted = ConnectionBudget.descriptors(for: configuration.maxConnections)
        logger.warning(
            "open files limit the number of nodes, two connections each",
            metadata: [
                "nodes": "\(budget.perPort)", "max_connections": "\(configuration.maxConnections)",
                "open_files": "\(configuration.descriptorLimit ?? 0)",
                "remedy": "raise the hard limit to \(wanted) (LimitNOFILE, ulimit -Hn), or lower max_connections",
            ])
    }

    /// From the first request on the file no longer says all that was served.
    private func openRequestPort() async throws -> [SocketAddress] {
        try replayFile.remove()
        do {
            return try await router.bind(
                to: configuration.hosts.map { Endpoint(host: $0, port: configuration.requestPort) })
        } catch {
            if let replays { try replayFile.write(replays) }
            throw error
        }
    }

    /// Stops accepting, lets replies go out for at most `grace`, closes.
    package func close(within grace: Duration) async {
        let amount = TimeAmount.microseconds(grace.microseconds)
        async let requests: Void = router.shutdown(within: amount)
        async let publishes: Void = publisher.shutdown(within: amount)
        _ = await (requests, publishes)
        do {
            try replayFile.write(try await desk.replays())
        } catch {
            logger.warning(
                "not noted what was served: every node signs in again after the next start",
                metadata: ["error": "\(error)"])
        }
        do {
            try await pool.shutdownGracefully()
            try await group.shutdownGracefully()
        } catch {
            logger.warning("threads did not stop", metadata: ["error": "\(error)"])
        }
    }

    /// `salt publish 0.0.0.0:4505` and so on, once open.
    package var listeners: [String] { addresses.withLock { $0 } }

    /// How full the ports are.
    var connections: [ConnectionUse] {
        let isLimited = configuration.connectionBudget.isLimitedByDescriptors
        return [("salt publish", publisher.connectionUse), ("salt request", router.connectionUse)].map { port, use in
            ConnectionUse(port: port, used: use.used, limit: use.limit, isLimitedByDescriptors: isLimited)
        }
    }

    /// The fabric's counters by name, with those of its sockets.
    package func metrics() async -> ValueMap {
        var metrics = counters.snapshot
        let (requests, publishes) = await (router.metrics(), publisher.metrics())
        metrics["muster_salt_request_connections"] = .int(Int64(requests.openConnections))
        metrics["muster_salt_sign_ins_waiting"] = .int(Int64(signIn.waitingCount))
        metrics["muster_salt_subscribers"] = .int(Int64(publishes.openConnections))
        metrics["muster_salt_connections_displaced_total"] = .int(
            Int64(requests.displacedConnections + publishes.displacedConnections))
        metrics["muster_salt_handshake_timeouts_total"] = .int(
            Int64(requests.handshakeTimeouts + publishes.handshakeTimeouts))
        metrics["muster_salt_accept_failures_total"] = .int(
            Int64(requests.acceptFailures + publishes.acceptFailures))
        metrics["muster_salt_protocol_violations_total"] = .int(Int64(requests.violations + publishes.violations))
        metrics["muster_salt_requests_evicted_total"] = .int(Int64(requests.reclaimedConnections))
        metrics["muster_salt_request_bytes_held"] = .int(Int64(requests.heldBytes))
        metrics["muster_salt_publish_dropped_total"] = .int(Int64(publishes.droppedMessages))
        return metrics
    }

    /// Seals, signs and sends a job.
    package func publish(_ job: Job, to audience: Audience) async throws {
        var wire = job
        if case .only(let nodes) = audience { wire.target = Target(nodes: nodes) }
        try send(wire)
    }

    /// Publishes `saltutil.find_job`, whose returns the request desk takes for answers.
    package func ask(_ audience: Audience, about job: Job, as question: JobID, patience: Duration) async throws {
        let find = Job(
            id: question, calls: [FunctionCall("saltutil.find_job", arguments: [.string(job.id.text)])],
            target: job.target, user: job.user, published: now(), timeout: patience)
        try await publish(find, to: audience)
    }

    /// Minions remember job ids, and have `saltutil.find_job`.
    package func knowsJobs(_ node: NodeID) -> Bool { true }

    /// Makes a new publish key; every node signs in again when the next publish does not open.
    ///
    /// - Throws: When the key cannot be stored. The old one stays in use, and `rotateIfDue()` tries again.
    package func rotateKey() throws {
        owesRotation.store(true, ordering: .relaxed)
        try publishKey.rotate(at: now())
        owesRotation.store(false, ordering: .relaxed)
        counters.count(.keyRotations)
    }

    /// Rotates when the key is older than its lifetime, or should have gone before and could not; call now and then.
    package func rotateIfDue() throws {
        if owesRotation.load(ordering: .relaxed) || publishKey.isExpired(at: now()) { try rotateKey() }
    }

    private func send(_ job: Job) throws {
        try publishing.withLock { _ in
            let frame = try publishKey.seal { PublishLoad(job, serial: $0).encoded() }
            guard publisher.publish([ByteBuffer(bytes: frame)]) else { throw FabricError.publisherBehind }
            counters.count(.publishes)
        }
    }
}

/// Why a job did not go out.
package enum FabricError: Error, Sendable, CustomStringConvertible {
    case publisherBehind

    package var description: String {
        switch self {
        case .publisherBehind:
            "the publish port is too far behind: too many jobs at once for the subscribers' reading speed"
        }
    }
}
