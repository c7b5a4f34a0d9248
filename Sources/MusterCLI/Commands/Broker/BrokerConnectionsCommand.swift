import ArgumentParser
import MusterCore

/// `muster broker connections`: the clients, and closing one.
struct BrokerConnectionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections", abstract: "List the clients of a broker, and close connections.",
        subcommands: [BrokerConnectionsListCommand.self, BrokerConnectionsCloseCommand.self],
        defaultSubcommand: BrokerConnectionsListCommand.self)
}

/// `muster broker connections list`: every client that was let in.
struct BrokerConnectionsListCommand: ContextCommand, TakesNoWords {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the clients: who, from where, since when, and what they have.")

    @Option(help: ArgumentHelp("Only of this virtual host.", valueName: "name")) var vhost: String?
    @Option(help: ArgumentHelp("Only of this user.", valueName: "name")) var user: String?
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Broker") var broker: BrokerLocationOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let connections = try await broker.connect(context).connections()
            .filter { (vhost == nil || $0.virtualHost == vhost) && (user == nil || $0.user == user) }
        let header = ["ID", "ADDRESS", "USER", "VHOST", "STOMP", "TLS", "SUBSCRIPTIONS", "UNACKED", "PENDING", "SINCE"]
        try output.print(connections, as: header, in: context) { client in
            [
                "\(client.id)", client.address, client.user ?? "-", client.virtualHost, client.version,
                client.isEncrypted ? "yes" : "no", "\(client.subscriptions)", "\(client.unacknowledged)",
                ByteCount.text(client.pendingBytes), (context.now() - client.since).short,
            ]
        }
        if connections.isEmpty, !output.json { context.console.note("no connections") }
        return .success
    }
}

/// `muster broker connections close`: ends one connection.
struct BrokerConnectionsCloseCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Close a connection. Most clients come back by themselves.")

    @Argument(help: "The number of the connection, as 'connections list' shows it.") var id: Int
    @OptionGroup var changing: BrokerChanging

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await changing.make(
            BrokerChange(.closeConnection, connection: id), "connection \(id) closed", in: context)
    }
}
