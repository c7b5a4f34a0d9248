import ArgumentParser

/// `muster as NAME`: another program's command line. The entry point takes it before parsing; here it has its help.
struct AsCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "as", abstract: "Take the arguments of salt, salt-key, salt-call or mco, and print as they do.",
        discussion: "A link of that name to this program does the same. muster as salt --help lists the options taken.")

    @Argument(help: "salt, salt-key, salt-call or mco.") var name: String
    @Argument(parsing: .captureForPassthrough, help: "Its arguments.") var arguments: [String] = []

    func run(in context: CommandContext) async throws -> ExitStatus {
        throw CommandFailure(
            .usage, "there is no program '\(name)' to take the place of: salt, salt-key, salt-call, mco")
    }
}
