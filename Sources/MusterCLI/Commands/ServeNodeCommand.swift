import ArgumentParser
import DaemonSupport
import MusterCore

/// `muster serve node`: runs a node until it is told to stop.
struct ServeNodeCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Run a node: it joins controllers, Salt masters and collectives of MCollective.",
        discussion: """
            Without options it reads /etc/muster/node.yaml if there is one. With --salt-config it takes an existing \
            minion's files as they are; 'muster doctor' explains each key. With --mcollective-config it takes the place \
            of mcollectived, alone or besides.
            """)

    @Option(
        help: ArgumentHelp("A server.cfg of MCollective, as it is.", valueName: "file"), completion: .file())
    var mcollectiveConfig: String?

    @OptionGroup var configuration: RoleConfigurationOptions
    @OptionGroup var life: LifeOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        life.apply()
        var role = configuration.role
        if let mcollectiveConfig {
            role.overrides["mcollective_config"] = .string(ConfigurationSource.absolute(mcollectiveConfig))
        }
        try await context.roles.node(role)
        return .success
    }
}
