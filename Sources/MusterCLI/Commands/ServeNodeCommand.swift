import ArgumentParser

/// `muster serve node`: runs a node until it is told to stop.
struct ServeNodeCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Run a node: it joins controllers of Muster and Salt masters.",
        discussion: """
            Without options it reads /etc/muster/node.yaml if there is one. With --salt-config it takes an existing \
            minion's files as they are; 'muster doctor' explains each key.
            """)

    @OptionGroup var configuration: RoleConfigurationOptions
    @OptionGroup var life: LifeOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        life.apply()
        try await context.roles.node(configuration.role)
        return .success
    }
}
