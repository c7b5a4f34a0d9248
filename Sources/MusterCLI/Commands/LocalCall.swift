import MusterCore

/// Runs a function on this machine until its end, or until Ctrl-C or a signal that ends programs.
struct LocalCall {
    /// The function was ended by a signal, with the programs that it had started.
    struct Interrupted: ExitStatusProviding, CustomStringConvertible {
        let exitStatus = ExitStatus.interrupted
        let description = "interrupted: what it had started is ended"
    }

    private enum Event {
        case answered(FunctionResult)
        case interrupted
        /// Signals are no longer heard; the function goes on.
        case deaf
    }

    let context: CommandContext

    /// - Throws: `Interrupted` when all programs of the function have ended; what the role throws.
    func run(_ call: FunctionCall, _ role: RoleOptions) async throws -> FunctionResult {
        let interrupts = await context.interrupts()
        return try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask { .answered(try await context.roles.call(call, role)) }
            group.addTask {
                for await _ in interrupts { return .interrupted }
                return .deaf
            }
            defer { group.cancelAll() }
            while let event = try await group.next() {
                switch event {
                case .answered(let answer): return answer
                case .interrupted: throw Interrupted()
                case .deaf: break
                }
            }
            throw CancellationError()
        }
    }
}
