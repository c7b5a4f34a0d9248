import ArgumentParser
import MusterCore

/// Where the controller is found, on every command that talks to one.
struct ControllerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The controller's control socket.",
            discussion: "Default: MUSTER_SOCKET, or what the configuration says.", valueName: "path"),
        completion: .file())
    var socket: String?

    @Option(help: ArgumentHelp("The controller's configuration file.", valueName: "file"), completion: .file())
    var config: String?

    @Option(help: ArgumentHelp("A directory with Salt's master file.", valueName: "dir"), completion: .directory)
    var saltConfig: String?

    func validate() throws {
        guard config == nil || saltConfig == nil else {
            throw ValidationError("--config and --salt-config name two controllers: give one of them")
        }
    }

    func connect(_ context: CommandContext) async throws -> any ControllerService {
        try await context.connect(
            ControllerLocation(socket: socket, configuration: config, saltConfiguration: saltConfig))
    }
}
