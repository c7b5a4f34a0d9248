import ArgumentParser
import MusterCore

/// `muster broker permissions`: who may do what.
struct BrokerPermissionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "permissions", abstract: "List, set and clear what users may do in virtual hosts.",
        discussion: """
            As with RabbitMQ: regular expressions for what a user may configure, write to and read from, searched for in \
            the names of queues and exchanges. A topic is the exchange amq.topic, sending to a queue writes to \
            amq.default. An empty one allows nothing. docs/broker.md has the table.
            """,
        subcommands: [
            BrokerPermissionsListCommand.self, BrokerPermissionsSetCommand.self, BrokerPermissionsClearCommand.self,
        ],
        defaultSubcommand: BrokerPermissionsListCommand.self)
}

/// `muster broker permissions list`: every permission.
struct BrokerPermissionsListCommand: ContextCommand, TakesNoWords {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List permissions.")

    @Option(help: ArgumentHelp("Only of this virtual host.", valueName: "name")) var vhost: String?
    @Option(help: ArgumentHelp("Only of this user.", valueName: "name")) var user: String?
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Broker") var broker: BrokerLocationOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let permissions = try await broker.connect(context).permissions()
            .filter { (vhost == nil || $0.virtualHost == vhost) && (user == nil || $0.user == user) }
        let header = ["USER", "VHOST", "CONFIGURE", "WRITE", "READ", "TOPIC-WRITE", "TOPIC-READ"]
        try output.print(permissions, as: header, in: context) { permission in
            [permission.user, permission.virtualHost]
                + [permission.configure, permission.write, permission.read].map { $0.isEmpty ? "''" : $0 }
                + [permission.topicWrite, permission.topicRead].map { $0.map { $0.isEmpty ? "''" : $0 } ?? "-" }
        }
        if permissions.isEmpty, !output.json { context.console.note("no permissions") }
        return .success
    }
}

/// `muster broker permissions set`: allows somebody something.
struct BrokerPermissionsSetCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Say what a user may do in a virtual host, from now on, also while connected.",
        discussion: "What is not given stays as it is; of a user without permissions there, it allows nothing.")

    @Argument(help: "The user's name.") var user: String
    @Option(help: ArgumentHelp("The virtual host.", valueName: "name")) var vhost = "/"
    @Option(help: ArgumentHelp("Names of queues that may be made.", valueName: "regex")) var configure: String?
    @Option(help: ArgumentHelp("Names of exchanges that may be sent to.", valueName: "regex")) var write: String?
    @Option(help: ArgumentHelp("Names of queues and exchanges that may be read from.", valueName: "regex"))
    var read: String?
    @Option(
        help: ArgumentHelp(
            "Keys of topics and exchanges that may be sent to.", discussion: "All, unless it is given.",
            valueName: "regex"))
    var topicWrite: String?
    @Option(
        help: ArgumentHelp(
            "Keys of topics and exchanges that may be subscribed to.", discussion: "All, unless it is given.",
            valueName: "regex"))
    var topicRead: String?
    @Flag(help: "Everything that is not given is allowed.") var all = false
    @OptionGroup var changing: BrokerChanging

    func validate() throws {
        guard all || [configure, write, read, topicWrite, topicRead].contains(where: { $0 != nil }) else {
            throw ValidationError(
                "give at least one of --configure, --write, --read, --topic-write, --topic-read, --all")
        }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let known = try await changing.broker.connect(context).permissions()
            .first { $0.user == user && $0.virtualHost == vhost }
        let rest = all ? ".*" : nil
        let permission = BrokerPermission(
            user: user, virtualHost: vhost, configure: configure ?? rest ?? known?.configure ?? "",
            write: write ?? rest ?? known?.write ?? "", read: read ?? rest ?? known?.read ?? "",
            topicWrite: topicWrite ?? (all ? nil : known?.topicWrite),
            topicRead: topicRead ?? (all ? nil : known?.topicRead))
        return try await changing.make(
            BrokerChange(.setPermission, permission: permission),
            "permissions of '\(user)' in virtual host '\(vhost)' set", in: context)
    }
}

/// `muster broker permissions clear`: allows somebody nothing any more.
struct BrokerPermissionsClearCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Take a user's permissions in a virtual host away, and close its connections there.")

    @Argument(help: "The user's name.") var user: String
    @Option(help: ArgumentHelp("The virtual host.", valueName: "name")) var vhost = "/"
    @OptionGroup var changing: BrokerChanging

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await changing.make(
            BrokerChange(.clearPermission, user: user, virtualHost: vhost),
            "permissions of '\(user)' in virtual host '\(vhost)' cleared", in: context)
    }
}
