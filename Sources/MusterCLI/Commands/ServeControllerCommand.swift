import ArgumentParser

/// `muster serve controller`: runs a controller until it is told to stop.
struct ServeControllerCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "controller", abstract: "Run a controller: nodes of Muster and Salt minions join it.",
        discussion: """
            Without options it reads /etc/muster/controller.yaml if there is one, and has defaults for everything. \
            With --salt-config it takes an existing Salt master's files as they are; 'muster doctor' explains each key.
            """)

    @OptionGroup var configuration: RoleConfigurationOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await context.roles.controller(configuration.role)
        return .success
    }
}
