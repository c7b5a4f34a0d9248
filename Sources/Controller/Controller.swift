package import Logging
package import MusterCore
import NIOCore
import ServiceLifecycle
import Synchronization

/// A controller: key store, job engine, target resolution and the Salt fabric, put together.
///
/// `ControllerService` is its face to operators (in `Controller+….swift`, one file per subject). It runs as a service:
/// opens its ports, works until shutdown, closes. The store is the caller's and outlives it.
package final class Controller: Service, Sendable {
    let configuration: ControllerConfiguration
    let keys: KeyStore
    let nodeIndex: NodeIndex
    let store: any Store
    let engine: JobEngine
    let resolver: TargetResolver
    let fabric: SaltFabric
    /// Nil without a broker to reach one through.
    let collective: CollectiveFabric?
    let ids: JobIDSource
    let eventSignal: SequenceSignal
    let logger: Logger
    let started: Timestamp
    let now: @Sendable () -> Timestamp
    private let revocations: AsyncStream<NodeID>
    private let hasOpened = Atomic(false)

    /// Reads keys and what the store knows; binds nothing yet.
    ///
    /// - Parameters:
    ///   - now: the clock on the wall, which may be set.
    ///   - uptime: a clock that only goes on, for what is waited for.
    /// - Throws: `KeyStoreError`, `FileError`, `TargetError`, or what the store throws.
    package init(
        _ configuration: ControllerConfiguration, store: any Store, logger: Logger,
        now: @escaping @Sendable () -> Timestamp = { .now },
        uptime: @escaping @Sendable () -> Duration = Controller.systemUptime
    ) async throws {
        self.configuration = configuration
        self.store = store
        self.logger = logger
        self.now = now
        started = now()
        try Files.makeDirectory(configuration.salt.stateDirectory, mode: 0o700)
        keys = try KeyStore(directory: configuration.keyDirectory, keyBits: configuration.keyBits)
        nodeIndex = NodeIndex(remembered: try await store.contacts())
        ids = JobIDSource(after: try await store.newestJob(), now: now)
        eventSignal = SequenceSignal(try await store.eventRange()?.upperBound ?? 0)
        let pillar = try TargetedPillar(configuration.pillar, nodegroups: configuration.nodegroups)
        resolver = TargetResolver(keys: keys, store: store, pillar: pillar, nodegroups: configuration.nodegroups)
        let questions = QuestionBook()
        let (revocations, revoked) = AsyncStream<NodeID>.makeStream(bufferingPolicy: .bufferingOldest(10_000))
        self.revocations = revocations
        let mailbox = JobMailbox()
        let allowsRevocation = configuration.allowsKeyRevocation
        fabric = try SaltFabric(
            configuration.salt,
            parts: .init(
                keys: keys, nodes: nodeIndex, store: store, questions: questions, ids: ids, pillar: pillar,
                eventSignal: eventSignal, now: now, logger: logger, report: { mailbox.put($0) },
                revoke: { node in
                    if allowsRevocation { revoked.yield(node) }
                    return allowsRevocation
                }))
        collective = configuration.collective.map { [keys, nodeIndex, eventSignal] collective in
            nodeIndex.expectBus()
            return CollectiveFabric(
                collective,
                parts: .init(
                    isMinion: { [keys] in keys.state(of: $0) == .accepted }, nodes: nodeIndex, store: store,
                    eventSignal: eventSignal, now: now, logger: logger,
                    report: { mailbox.put($0) }))
        }
        engine = JobEngine(
            store: store, publisher: FabricSwitch(salt: fabric, collective: collective, keys: keys), nodes: nodeIndex,
            questions: questions,
            patience: .init(timeout: configuration.jobTimeout, gatherTimeout: configuration.gatherTimeout),
            graceEnd: started + configuration.restartGrace, ids: ids, mailbox: mailbox, eventSignal: eventSignal,
            now: now, uptime: uptime, logger: logger)
    }

    /// The time since some moment, by a clock that nobody sets.
    package static let systemUptime: @Sendable () -> Duration = {
        let start = ContinuousClock.now
        return { start.duration(to: .now) }
    }()

    /// Opens the ports. `run()` does it when nobody has; a program does it first to fail before anything else starts.
    ///
    /// - Throws: `BusError` naming the address that is taken or not ours.
    package func open() async throws {
        guard !hasOpened.exchange(true, ordering: .acquiringAndReleasing) else { return }
        try await fabric.open()
        collective?.open()
    }

    /// Works until the surrounding service group shuts down.
    package func run() async throws {
        try await open()
        do {
            try await cancelWhenGracefulShutdown {
                try await withThrowingTaskGroup { group in
                    group.addTask { try await self.engine.run() }
                    group.addTask { try await self.keepHouse() }
                    group.addTask { await self.deleteRevokedKeys() }
                    if let collective = self.collective {
                        group.addTask {
                            await collective.run()
                            try Task.checkCancellation()
                        }
                    }
                    try await group.next()
                    group.cancelAll()
                }
            }
        } catch is CancellationError {
            // The ordinary end.
        }
        await collective?.close()
        await fabric.close(within: configuration.shutdownGrace)
    }

    /// Who a target means, on all fabrics.
    ///
    /// - Parameter calls: What is to run: nodes of a collective say for themselves whether they have it. Empty for a preview.
    func resolve(_ target: Target, for calls: [FunctionCall]) async throws -> TargetResolver.Resolution {
        let resolution = try await resolver.resolve(target)
        guard let collective, target.kind != .list || !resolution.missing.isEmpty else { return resolution }
        switch try await collective.resolve(target, for: calls) {
        case .nodes(let nodes): return resolution.joined(with: nodes) { keys.state(of: $0) == .accepted }
        case .leftOut(let reason):
            var partial = resolution
            partial.warnings = ["nodes of the collective are left out: \(reason)"]
            return partial
        }
    }

    /// Once a minute: old keys rotate, old jobs go, edited key directories are seen.
    private func keepHouse() async throws {
        while true {
            try await Task.sleep(for: .seconds(60))
            do {
                keys.rescan()
                try fabric.rotateIfDue()
                let removed = try await store.prune(configuration.retention, now: now())
                if removed > 0 { logger.info("old jobs deleted", metadata: ["jobs": "\(removed)"]) }
            } catch {
                logger.warning("housekeeping failed, tried again in a minute", metadata: ["error": "\(error)"])
            }
        }
    }

    private func deleteRevokedKeys() async {
        for await node in revocations {
            do {
                _ = try await change(KeyChange(action: .delete, match: [Glob.escaping(node.text)], user: node.text))
            } catch {
                logger.error("key not deleted", metadata: ["node.id": "\(node)", "error": "\(error)"])
            }
        }
    }
}
