import ArgumentParser
import MusterCore

/// `muster nodes`: who there is.
struct NodesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes", abstract: "List and show nodes.",
        subcommands: [NodesListCommand.self, NodesShowCommand.self], defaultSubcommand: NodesListCommand.self)
}
