/// Waiting that Ctrl-C ends.
enum Interruption {
    private enum Event<Value: Sendable>: Sendable {
        case done(Value)
        case interrupted
        /// Signals are no longer heard; the work goes on.
        case deaf
    }

    /// Runs some work until its end, or until Ctrl-C or a signal that ends programs: then it is cancelled and must return
    /// with what it has.
    ///
    /// - Returns: What the work returned, and whether it was cut short.
    static func guarding<Value: Sendable>(
        _ context: CommandContext, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> (value: Value, isCut: Bool) {
        let interrupts = await context.interrupts()
        return try await withThrowingTaskGroup(of: Event<Value>.self) { group in
            group.addTask { .done(try await work()) }
            group.addTask {
                for await _ in interrupts { return .interrupted }
                return .deaf
            }
            defer { group.cancelAll() }
            var isCut = false
            while let event = try await group.next() {
                switch event {
                case .done(let value): return (value, isCut)
                case .interrupted:
                    isCut = true
                    group.cancelAll()
                case .deaf: break
                }
            }
            throw CancellationError()
        }
    }

    /// Waits for a while, or for Ctrl-C.
    ///
    /// - Returns: Whether it was cut short.
    static func pausing(_ context: CommandContext, for time: Duration) async throws -> Bool {
        try await guarding(context) {
            do {
                try await context.sleep(time)
            } catch is CancellationError {
                // Whoever waits is told by the flag.
            }
        }.isCut
    }
}
