import ArgumentParser

/// `muster mco`: the applications of MCollective's client. The entry point takes it before parsing; here it has its help.
struct McoCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "mco", abstract: "Ask the nodes of a collective: MCollective's client.",
        discussion: """
            muster mco help lists the applications, muster mco help APPLICATION its options. They are those of mco, whose \
            client.cfg is read as it is. A link named mco does the same, and waits as long as mco does.
            """)

    @Argument(parsing: .captureForPassthrough, help: "The application and its arguments.") var arguments: [String] = []

    func run(in context: CommandContext) async throws -> ExitStatus {
        ExitStatus(rawValue: await McoProgram(context: context, style: .ours).run(arguments)) ?? .failure
    }
}
