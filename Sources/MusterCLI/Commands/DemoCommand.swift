import ArgumentParser
import MusterCore

/// `muster demo`: a whole small fleet on this machine.
struct DemoCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Run a controller and some nodes on this machine, with nothing to configure.",
        discussion: "Everything lives in a temporary directory and on free loopback ports, and goes away at the end.")

    @Option(help: ArgumentHelp("How many nodes.", valueName: "n")) var nodes = 5
    @Flag(help: "End after the jobs: status 0 only if every node answered.") var once = false

    func validate() throws {
        guard (1...100).contains(nodes) else { throw ValidationError("--nodes takes 1 to 100") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        // From here on Ctrl-C does not end this process before it has cleaned up.
        let interrupts = await context.interrupts()
        let fleet = try DemoFleet(count: nodes, below: context.console.variable("TMPDIR"))
        var inside = context
        inside.interrupts = { AsyncStream { _ in } }
        do {
            let status = try await show(fleet, inside, interrupts)
            await fleet.close(sleep: context.sleep)
            return status
        } catch {
            await fleet.close(sleep: context.sleep)
            throw error
        }
    }

    private func show(
        _ fleet: DemoFleet, _ context: CommandContext, _ interrupts: AsyncStream<Void>
    ) async throws -> ExitStatus {
        let service = try await context.connect(ControllerLocation(socket: fleet.socket))
        let once = once
        return try await withThrowingTaskGroup(of: ExitStatus?.self) { group in
            group.addTask {
                let show = DemoShow(fleet: fleet, service: service, context: context)
                let allAnswered = try await show.run()
                if once { return allAnswered ? .success : .nodeSilent }
                show.suggest()
                while true {
                    try fleet.check()
                    try await context.sleep(.milliseconds(500))
                }
            }
            group.addTask {
                for await _ in interrupts { return once ? .interrupted : .success }
                return nil
            }
            defer { group.cancelAll() }
            while let status = try await group.next() {
                if let status { return status }
            }
            return .interrupted
        }
    }
}
