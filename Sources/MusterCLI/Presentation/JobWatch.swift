import MusterCore

/// Follows a job to its end on a screen, until Ctrl-C.
struct JobWatch {
    enum Ending: Sendable {
        case ended(JobReport)
        /// Ctrl-C: the job goes on.
        case interrupted
        /// The time given for waiting is over: the job goes on.
        case outOfTime
    }

    let context: CommandContext
    /// How long is waited at most; nil means to the job's end.
    var limit: Duration?

    /// - Throws: what the controller's stream throws, and `OutputFailure`.
    func follow(_ job: JobID, on service: any ControllerService, presenter: any JobPresenter) async throws -> Ending {
        let screen = JobScreen(presenter, console: context.console)
        let updates = try await service.follow(job)
        let context = context
        let limit = limit
        do {
            let ending = try await withThrowingTaskGroup(of: Ending?.self) { group in
                group.addTask {
                    for try await group in updates {
                        try await screen.show(group, at: context.now())
                        if case .ended(let report) = group.last { return .ended(report) }
                    }
                    return nil
                }
                group.addTask {
                    for await _ in await context.interrupts() {
                        try await screen.interrupted(at: context.now())
                        return .interrupted
                    }
                    // No more interrupts are coming: this task must not end the watch.
                    return try await Self.forever()
                }
                if context.console.isTerminal(.diagnostics) {
                    group.addTask {
                        while true {
                            try await context.sleep(.milliseconds(100))
                            try await screen.tick(at: context.now())
                        }
                    }
                }
                if let limit {
                    group.addTask {
                        try await context.sleep(limit)
                        try await screen.interrupted(at: context.now())
                        return .outOfTime
                    }
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            await screen.close()
            if let ending { return ending }
        } catch {
            await screen.close()
            throw error
        }
        // The stream ended without its last word: the report says how the job stands.
        return .ended(try await service.job(job))
    }

    private static func forever() async throws -> Ending? {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        defer { continuation.finish() }
        for await _ in stream {}
        throw CancellationError()
    }
}
