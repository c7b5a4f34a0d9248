import ArgumentParser

/// `muster serve`: runs one role of the fleet.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run a controller, a node or a broker.",
        subcommands: [ServeControllerCommand.self, ServeNodeCommand.self, ServeBrokerCommand.self])
}
