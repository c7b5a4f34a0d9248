import MusterCore

/// Runs a simulation, in this process or in several, until Ctrl-C or its own end, and shows how it goes.
struct SimulationRun: Sendable {
    let context: CommandContext
    let settings: SimulationSettings
    let plan: SimulationPlan

    /// - Parameter arguments: The words for a process with a share, when there are several.
    /// - Returns: The last event.
    func run(
        _ screen: SimulationScreen, arguments: @escaping @Sendable (SimulationPlan.Share, Int) -> [String]
    ) async throws -> SimulationEvent? {
        let interrupts = await context.interrupts()
        let (events, feed) = AsyncStream<SimulationEvent>.makeStream()
        return try await withThrowingTaskGroup(of: SimulationEvent?.self) { group in
            group.addTask {
                defer { feed.finish() }
                try await self.untilInterrupted(interrupts) {
                    try await self.simulate(arguments) { feed.yield($0) }
                }
                return nil
            }
            group.addTask { try await Self.show(events, on: screen) }
            var last: SimulationEvent?
            while let event = try await group.next() { last = event ?? last }
            return last
        }
    }

    private func simulate(
        _ arguments: (SimulationPlan.Share, Int) -> [String], report: @escaping @Sendable (SimulationEvent) -> Void
    ) async throws {
        guard plan.shares.count == 1, let share = plan.shares.first else {
            return try await SimulationChildren.run(plan.shares, arguments: arguments, report: report)
        }
        var settings = settings
        settings.requestConnections = share.requestConnections
        try await context.roles.simulate(settings, report)
    }

    /// Cancels the work with the first interrupt, and waits for its end.
    private func untilInterrupted(
        _ interrupts: AsyncStream<Void>, _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await work()
                return true
            }
            group.addTask {
                for await _ in interrupts { return true }
                return false
            }
            while let isOver = try await group.next() {
                if isOver { group.cancelAll() }
            }
        }
    }

    private static func show(
        _ events: AsyncStream<SimulationEvent>, on screen: SimulationScreen
    ) async throws -> SimulationEvent? {
        var screen = screen
        defer { screen.close() }
        var last: SimulationEvent?
        for await event in events {
            try screen.show(event)
            last = event
        }
        return last
    }
}
