package import CollectiveBus
package import Logging
import MCollectiveProtocol
import MusterCore
package import NIOCore
import ServiceLifecycle
import Synchronization

/// A node of MCollective's collectives, in the place of `mcollectived`.
///
/// Thin: ``CollectiveServer`` brings requests that were proved, ``CollectiveDesk`` serves them, each in a task of its own,
/// and what it answers goes back. Runs until shutdown; then requests that are being served come to their end within the
/// drain limit.
package final class CollectiveNode: Service, CollectiveRequestHandler {
    /// Requests that may wait to be looked at; those beyond are dropped and counted.
    private static let capacity = 1024

    private let setup: CollectiveSetup
    private let profile: CollectiveProfile
    private let desk: CollectiveDesk
    private let drainLimit: Duration
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let requests: AsyncStream<AcceptedRequest>
    private let continuation: AsyncStream<AcceptedRequest>.Continuation
    private let dropped = Mutex(0)

    /// Connects to nothing yet.
    ///
    /// - Parameters:
    ///   - eventLoop: where network work is done; must outlive the node.
    ///   - drainLimit: how long running actions may go on when the node is asked to stop.
    package init(
        _ setup: CollectiveSetup, profile: CollectiveProfile, desk: CollectiveDesk, drainLimit: Duration,
        on eventLoop: any EventLoop, logger: Logger
    ) {
        self.setup = setup
        self.profile = profile
        self.desk = desk
        self.drainLimit = drainLimit
        self.eventLoop = eventLoop
        var logger = logger
        logger[metadataKey: "node.id"] = "\(setup.identity)"
        self.logger = logger
        (requests, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(CollectiveNode.capacity))
    }

    /// Serves until shutdown or cancellation.
    ///
    /// - Throws: What `CollectiveServer.start` throws.
    package func run() async throws {
        let server = CollectiveServer(
            setup, agents: profile.agentNames, rules: RequestRules(identity: setup.identity), on: eventLoop,
            logger: logger, handler: self)
        profile.count { CollectiveCounters(server.statistics) }
        logger.info(
            "node of a collective",
            metadata: [
                "collective.agents": "\(profile.agentNames.joined(separator: " "))",
                "collectives": "\(setup.configuration.collectives.joined(separator: " "))",
            ])
        try server.start()
        await withTaskGroup { group in
            group.addTask { await self.serve(on: server) }
            group.addTask {
                // Throws when the node is cancelled: then there is nothing to wait for.
                try? await gracefulShutdown()
                try? await Task.sleep(for: self.drainLimit)
            }
            await group.next()
            group.cancelAll()
        }
        await server.stop()
    }

    package func received(_ request: AcceptedRequest, on server: CollectiveServer) {
        guard case .dropped = continuation.yield(request) else { return }
        let count = dropped.withLock { count in
            count += 1
            return count
        }
        // What a peer can cause at will is said seldom.
        if count.isPowerOfTwo { logger.warning("requests dropped, too many wait", metadata: ["count": "\(count)"]) }
    }

    private func serve(on server: CollectiveServer) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.desk.prepare() }
            group.addTask {
                // Ends with the node.
                try? await cancelWhenGracefulShutdown { try await self.register(on: server) }
            }
            for await request in requests.cancelOnGracefulShutdown() {
                group.addTask { await self.serve(request, on: server) }
            }
        }
    }

    private func serve(_ accepted: AcceptedRequest, on server: CollectiveServer) async {
        switch await desk.answer(accepted.request, passed: { server.notePassed() }) {
        case .filtered: server.noteFiltered()
        case .reply(let body): server.reply(body, to: accepted)
        case .silent(let reason):
            logger.debug(
                "request without an answer",
                metadata: ["collective.agent": "\(accepted.request.agent)", "reason": "\(reason)"])
        }
    }

    /// Tells again and again that the node is there, when the options say so.
    private func register(on server: CollectiveServer) async throws {
        let options = RegistrationPlan(setup.configuration)
        guard let options else { return }
        try await Task.sleep(for: options.firstDelay(Double.random(in: 0..<1)))
        while true {
            server.register(
                Registration.body(agents: profile.agentNames), agent: Registration.agent, collective: options.collective
            )
            try await Task.sleep(for: options.interval)
        }
    }
}

extension Int {
    fileprivate var isPowerOfTwo: Bool { self > 0 && self & (self - 1) == 0 }
}

extension CollectiveCounters {
    fileprivate init(_ statistics: CollectiveStatistics) {
        self.init()
        total = statistics.total
        validated = statistics.validated
        unvalidated = statistics.unvalidated
        passed = statistics.passed
        filtered = statistics.filtered
        expired = statistics.expired
        replies = statistics.replies
    }
}
