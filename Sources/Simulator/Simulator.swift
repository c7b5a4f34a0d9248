package import MusterCore
import NIOCore
import NIOPosix
import SaltProtocol

/// Thousands of nodes in one process, each with its own id, facts and session, for an unchanged Salt master or our
/// controller: what `muster simulate` runs.
package enum Simulator {
    /// Simulates until it is cancelled, or until everybody has signed in if that is all. The settings are this
    /// process's share; what happens is reported from the simulation's thread, which must not be blocked.
    ///
    /// - Throws: `SimulationError`, and what key files throw.
    package static func run(
        _ settings: SimulationSettings, report: @escaping @Sendable (SimulationEvent) -> Void
    ) async throws {
        try await run(settings, at: Pace(), report: report)
    }

    /// The same with other waits than Salt's.
    package static func run(
        _ settings: SimulationSettings, at pace: Pace, report: @escaping @Sendable (SimulationEvent) -> Void
    ) async throws {
        let ids = try settings.names.ids(settings.count)
        let pool = NIOThreadPool(numberOfThreads: min(2, System.coreCount))
        pool.start()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let keys = try await KeyRing(settings.keys, count: settings.count, on: pool)
            if let directory = settings.keys.acceptInto { try keys.accept(ids, into: directory) }
            try await simulate(settings, pace, ids, keys, Workers(eventLoop: group.next(), pool: pool), report)
        } catch {
            try await close(group, pool)
            throw error
        }
        try await close(group, pool)
    }

    private static func simulate(
        _ settings: SimulationSettings, _ pace: Pace, _ ids: [NodeID], _ keys: KeyRing, _ workers: Workers,
        _ report: @escaping @Sendable (SimulationEvent) -> Void
    ) async throws {
        let token = try KeyString.random()
        let eventLoop = workers.eventLoop
        let finished = eventLoop.makePromise(of: Void.self)
        let fleet = try await eventLoop.submit {
            let fleet = Fleet(
                settings, pace: pace, token: token, workers: workers, finished: finished, report: report)
            fleet.start(ids, keys: keys)
            return NIOLoopBound(fleet, eventLoop: eventLoop)
        }.get()
        do {
            try await withTaskCancellationHandler {
                try await finished.futureResult.get()
            } onCancel: {
                // Does nothing when it is over already.
                finished.succeed()
            }
        } catch {
            try await eventLoop.flatSubmit { fleet.value.stop() }.get()
            throw error
        }
        try await eventLoop.flatSubmit { fleet.value.stop() }.get()
        try await eventLoop.submit { fleet.value.tellEnd() }.get()
    }

    private static func close(_ group: MultiThreadedEventLoopGroup, _ pool: NIOThreadPool) async throws {
        try await pool.shutdownGracefully()
        try await group.shutdownGracefully()
    }
}
