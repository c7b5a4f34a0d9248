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
    @OptionGroup var life: LifeOptions

    @Flag(help: "Start although open mode is configured: every node is accepted and overwrites the stored key.")
    var forceOpenMode = false

    func run(in context: CommandContext) async throws -> ExitStatus {
        life.apply()
        var role = configuration.role
        role.forcesOpenMode = forceOpenMode
        try await context.roles.controller(role)
        return .success
    }
}
