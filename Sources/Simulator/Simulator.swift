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
        if let file = settings.collectiveFile {
            return try await CollectiveSimulation.run(settings, configuration: file, report: report)
        }
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
        let workers = Workers(eventLoop: group.next(), pool: pool)
        var fleet: NIOLoopBound<Fleet>?
        var ending: Result<Void, any Error>
        do {
            let keys = try await KeyRing(settings.keys, count: settings.count, on: pool)
            if let directory = settings.keys.acceptInto { try keys.accept(ids, into: directory) }
            (fleet, ending) = try await simulate(settings, pace, ids, keys, workers, report)
        } catch is CancellationError {
            // Ended before it began.
            ending = .success(())
        } catch {
            ending = .failure(error)
        }
        // The nodes count on their fleet to outlive them, and threads may still have results for them.
        try await pool.shutdownGracefully()
        try await group.shutdownGracefully()
        withExtendedLifetime(fleet) {}
        try ending.get()
    }

    private static func simulate(
        _ settings: SimulationSettings, _ pace: Pace, _ ids: [NodeID], _ keys: KeyRing, _ workers: Workers,
        _ report: @escaping @Sendable (SimulationEvent) -> Void
    ) async throws -> (NIOLoopBound<Fleet>, Result<Void, any Error>) {
        let token = try KeyString.random()
        let eventLoop = workers.eventLoop
        let finished = eventLoop.makePromise(of: Void.self)
        let fleet = try await eventLoop.submit {
            let fleet = Fleet(settings, pace: pace, token: token, workers: workers, finished: finished, report: report)
            fleet.start(ids, keys: keys)
            return NIOLoopBound(fleet, eventLoop: eventLoop)
        }.get()
        let result = await result(of: finished)
        try await eventLoop.flatSubmit { fleet.value.stop() }.get()
        if case .success = result { try await eventLoop.submit { fleet.value.tellEnd() }.get() }
        return (fleet, result)
    }

    /// Waits for the end, which cancellation brings about.
    private static func result(of finished: EventLoopPromise<Void>) async -> Result<Void, any Error> {
        await withTaskCancellationHandler {
            do {
                return .success(try await finished.futureResult.get())
            } catch {
                return .failure(error)
            }
        } onCancel: {
            // Does nothing when it is over already.
            finished.succeed()
        }
    }
}
