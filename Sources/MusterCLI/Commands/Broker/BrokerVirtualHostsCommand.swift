import ArgumentParser
import MusterCore

/// `muster broker vhosts`: the virtual hosts.
struct BrokerVirtualHostsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vhosts", abstract: "List, add and delete the virtual hosts of a broker.",
        subcommands: [
            BrokerVirtualHostsListCommand.self, BrokerVirtualHostsAddCommand.self,
            BrokerVirtualHostsDeleteCommand.self,
        ],
        defaultSubcommand: BrokerVirtualHostsListCommand.self)

    /// Every virtual host as a row.
    static func table(_ hosts: [BrokerVirtualHost]) -> Table {
        var table = Table(
            header: ["VHOST", "FROM", "CONNECTIONS", "QUEUES", "MESSAGES", "SIZE", "LOG", "IN", "OUT", "DROPPED"])
        table.rows = hosts.map { host in
            let dropped = ["droppedForSlowSubscriber", "droppedForFullQueue"].reduce(0) { sum, key in
                sum + (host.counters[.string(key)]?.int ?? 0)
            }
            return [
                host.name, host.isConfigured ? "settings" : "broker", "\(host.connections)", "\(host.queues)",
                "\(host.messages)", ByteCount.text(host.bytes), host.logBytes.map(ByteCount.text) ?? "-",
                Rate.text(host.traffic.publishedPerSecond), Rate.text(host.traffic.deliveredPerSecond), "\(dropped)",
            ]
        }
        return table
    }
}

/// `muster broker vhosts list`: every virtual host with what is in it.
struct BrokerVirtualHostsListCommand: ContextCommand, TakesNoWords {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the virtual hosts with what is in them.")

    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Broker") var broker: BrokerLocationOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let hosts = try await broker.connect(context).status().virtualHosts
        if output.json {
            for host in hosts { try context.console.print(JSON.text(encoded(host), layout: .spaced)) }
        } else {
            try BrokerVirtualHostsCommand.table(hosts).print(to: context.console)
        }
        return .success
    }
}

/// `muster broker vhosts add`: makes a virtual host.
struct BrokerVirtualHostsAddCommand: ContextCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a virtual host.")

    @Argument(help: "Its name; those of RabbitMQ's clients begin with a slash.") var name: String
    @OptionGroup var changing: BrokerChanging

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await changing.make(
            BrokerChange(.addVirtualHost, virtualHost: name), "virtual host '\(name)' added", in: context)
    }
}

/// `muster broker vhosts delete`: removes a virtual host.
struct BrokerVirtualHostsDeleteCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a virtual host with its permissions, and close its connections.")

    @Argument(help: "Its name.") var name: String
    @Flag(help: "Also when messages are lost.") var force = false
    @OptionGroup var changing: BrokerChanging

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await changing.make(
            BrokerChange(.deleteVirtualHost, virtualHost: name, isForced: force),
            "virtual host '\(name)' deleted", in: context)
    }
}
