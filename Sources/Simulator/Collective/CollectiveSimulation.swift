import CollectiveBus
import MusterCore
import NIOCore
import NIOPosix

/// Thousands of nodes of a collective in one process, each with its own connection to a broker: what
/// `muster simulate --collective` runs.
enum CollectiveSimulation {
    /// Simulates until it is cancelled.
    ///
    /// - Parameter file: A `server.cfg`; its identity is not used.
    /// - Throws: `CollectiveSetupError`, `SimulationError`.
    static func run(
        _ settings: SimulationSettings, configuration file: String,
        report: @escaping @Sendable (SimulationEvent) -> Void
    ) async throws {
        let setup = try CollectiveSetup(file: file, role: .node, environment: [:])
        let ids = try settings.names.ids(settings.count)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let fleet = try await eventLoop.submit {
            let fleet = CollectiveFleet(ids, setup: setup, on: eventLoop, report: report)
            fleet.start()
            return NIOLoopBound(fleet, eventLoop: eventLoop)
        }.get()
        let (ends, end) = AsyncStream<Never>.makeStream()
        await withTaskCancellationHandler {
            for await _ in ends {}
        } onCancel: {
            end.finish()
        }
        let servers = try await eventLoop.submit { fleet.value.close() }.get()
        await withDiscardingTaskGroup { group in
            for server in servers { group.addTask { await server.stop() } }
        }
        try await eventLoop.submit { fleet.value.tellEnd() }.get()
        try await group.shutdownGracefully()
        withExtendedLifetime(fleet) {}
    }
}
