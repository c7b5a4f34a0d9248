import ArgumentParser
import MusterCore

/// `muster broker`: looks at a running broker, and changes what it has.
struct BrokerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Look at a running broker, and change its users, virtual hosts, permissions and queues.",
        discussion: "For the user that the broker runs as, and for root: 'muster serve broker' must be running here.",
        subcommands: [
            BrokerStatusCommand.self, BrokerQueuesCommand.self, BrokerTopicsCommand.self,
            BrokerConnectionsCommand.self, BrokerUsersCommand.self, BrokerVirtualHostsCommand.self,
            BrokerPermissionsCommand.self, BrokerPurgeCommand.self,
        ])
}

/// What every command that changes something does: makes the change and says what it did.
struct BrokerChanging: ParsableArguments {
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Broker") var broker: BrokerLocationOptions

    /// - Parameter done: What is said of the change, without an end.
    func make(_ change: BrokerChange, _ done: String, in context: CommandContext) async throws -> ExitStatus {
        let result = try await broker.connect(context).change(change, by: context.user)
        if output.json {
            try context.console.print(JSON.text(encoded(result), layout: .spaced))
            return .success
        }
        var extras: [String] = []
        if result.messages > 0 || change.action == .purge { extras.append("\(result.messages) messages removed") }
        if result.connections > 0, change.action != .closeConnection {
            extras.append("\(result.connections) connections closed")
        }
        try context.console.print(([done] + extras).joined(separator: ", "))
        return .success
    }
}

extension JSONOption {
    /// Prints rows as JSON, one a line, or as a table.
    func print<Row: Encodable>(
        _ rows: [Row], as header: [String], in context: CommandContext, _ cells: (Row) -> [String]
    ) throws {
        guard !json else {
            for row in rows { try context.console.print(JSON.text(encoded(row), layout: .spaced)) }
            return
        }
        var table = Table(header: header)
        table.rows = rows.map(cells)
        try table.print(to: context.console)
    }
}

extension BrokerServiceError: ExitStatusProviding {
    var exitStatus: ExitStatus {
        switch self {
        case .unknownUser, .unknownVirtualHost, .unknownQueue, .unknownConnection, .noPermission: .nothingMatched
        case .userExists, .virtualHostExists, .isConfigured, .hasMessages, .notKept: .failure
        case .invalid: .usage
        case .isBeingRemoved, .cannotStore, .shuttingDown: .unavailable
        }
    }
}
