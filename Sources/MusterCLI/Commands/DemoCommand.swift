import ArgumentParser

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

    func run(in context: CommandContext) async throws -> ExitStatus { .success }
}
