import ArgumentParser
import DaemonSupport
import MusterCore

/// A subcommand: parsed by ArgumentParser, run against a context.
protocol ContextCommand: ParsableCommand {
    /// Does the work and says how the program ends.
    ///
    /// - Throws: `CommandFailure`, `ControllerError`, `OutputFailure` and what the connection throws.
    func run(in context: CommandContext) async throws -> ExitStatus
}

/// `muster`: the whole command line.
struct MusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "muster",
        abstract: "Gather a fleet of machines on a message bus and command it.",
        discussion: """
            A controller and its nodes speak the wire of Salt; nodes and masters of Salt 3006 to 3008 join as they are. \
            Invoked as 'salt', 'salt-key' or 'salt-call' (a link, or 'muster as NAME') it takes those programs' options.

            Exit status: 0 all well, 1 failure, 2 a node failed, 3 a node did not answer, 4 nothing matched, 5 declined, \
            64 usage, 69 controller not reached, 75 controller cannot now, 78 configuration, 130 interrupted.
            """,
        version: "muster \(Muster.version)",
        groupedSubcommands: [
            CommandGroup(name: "Commanding", subcommands: [RunCommand.self, PingCommand.self, JobsCommand.self]),
            CommandGroup(
                name: "The fleet",
                subcommands: [
                    NodesCommand.self, KeysCommand.self, EventsCommand.self, StatusCommand.self, BrokerCommand.self,
                ]),
            CommandGroup(
                name: "Serving",
                subcommands: [ServeCommand.self, CallCommand.self, DoctorCommand.self, DemoCommand.self]),
            CommandGroup(
                name: "Other",
                subcommands: [SimulateCommand.self, AsCommand.self, CompletionCommand.self, VersionCommand.self]),
        ])
}

/// A command that has options only: a word behind it was meant to be something else.
protocol TakesNoWords {}

extension MusterCommand {
    /// What is wrong with the first word that should name a command and names none; ArgumentParser would call it an
    /// unexpected argument.
    static func unknownCommand(in words: [String]) -> CommandFailure? {
        var command: any ParsableCommand.Type = MusterCommand.self
        var path = "muster"
        for word in words {
            let configuration = command.configuration
            guard !word.hasPrefix("-"), word != "help", !configuration.subcommands.isEmpty else { return nil }
            if let next = configuration.subcommands.first(where: { $0._commandName == word }) {
                command = next
                path += " \(word)"
            } else if configuration.defaultSubcommand.map({ $0 is any TakesNoWords.Type }) ?? true {
                let names = configuration.subcommands.map { $0._commandName }
                let meant = Nearest.name(to: word, in: names).map { ": is '\($0)' meant?" } ?? ""
                return CommandFailure(
                    .usage, "there is no command '\(path) \(word)'\(meant) ('\(path) --help' lists them)")
            } else {
                return nil
            }
        }
        return nil
    }
}
