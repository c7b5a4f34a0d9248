import ArgumentParser
import MusterCore

/// Where the broker is found, on every command that talks to one.
struct BrokerLocationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The broker's control socket.",
            discussion: "Default: MUSTER_BROKER_SOCKET, or what the configuration says.", valueName: "path"),
        completion: .file())
    var socket: String?

    @Option(help: ArgumentHelp("The broker's configuration file.", valueName: "file"), completion: .file())
    var config: String?

    func connect(_ context: CommandContext) async throws -> any BrokerService {
        try await context.connectBroker(BrokerLocation(socket: socket, configuration: config))
    }
}
