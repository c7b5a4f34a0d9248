import ArgumentParser
import MusterCore

/// `muster broker users`: who may come in.
struct BrokerUsersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "List, add and delete the users of a broker, and change their passwords.",
        subcommands: [
            BrokerUsersListCommand.self, BrokerUsersAddCommand.self, BrokerUsersDeleteCommand.self,
            BrokerUsersPasswordCommand.self, BrokerUsersTagsCommand.self,
        ],
        defaultSubcommand: BrokerUsersListCommand.self)
}

/// `muster broker users list`: every user.
struct BrokerUsersListCommand: ContextCommand, TakesNoWords {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the users.")

    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Broker") var broker: BrokerLocationOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let users = try await broker.connect(context).users()
        try output.print(users, as: ["USER", "TAGS", "FROM"], in: context) { user in
            let tags = user.tags.map(\.rawValue).joined(separator: ",")
            return [user.name, tags.isEmpty ? "-" : tags, user.isConfigured ? "settings" : "broker"]
        }
        if users.isEmpty, !output.json { context.console.note("no users") }
        return .success
    }
}

/// `muster broker users add`: lets somebody in.
struct BrokerUsersAddCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a user, who may do nothing until 'permissions set' says what.")

    @Argument(help: "The user's name.") var name: String
    @Option(help: ArgumentHelp("administrator or monitoring; may be repeated.", valueName: "tag"))
    var tag: [BrokerUserTag] = []
    @OptionGroup var password: BrokerPasswordOptions
    @OptionGroup var changing: BrokerChanging

    func run(in context: CommandContext) async throws -> ExitStatus {
        let password = try password.password(in: context)
        return try await changing.make(
            BrokerChange(.addUser, user: name, password: password, tags: tag), "user '\(name)' added", in: context)
    }
}

/// `muster broker users delete`: shuts somebody out.
struct BrokerUsersDeleteCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a user with all permissions, and close its connections.")

    @Argument(help: "The user's name.") var name: String
    @OptionGroup var changing: BrokerChanging

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await changing.make(BrokerChange(.deleteUser, user: name), "user '\(name)' deleted", in: context)
    }
}

/// `muster broker users password`: gives somebody another password.
struct BrokerUsersPasswordCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "password", abstract: "Give a user another password. Who is connected stays connected.")

    @Argument(help: "The user's name.") var name: String
    @OptionGroup var password: BrokerPasswordOptions
    @OptionGroup var changing: BrokerChanging

    func run(in context: CommandContext) async throws -> ExitStatus {
        let password = try password.password(in: context)
        return try await changing.make(
            BrokerChange(.setPassword, user: name, password: password), "password of '\(name)' changed", in: context)
    }
}

/// `muster broker users tags`: says what a user is.
struct BrokerUsersTagsCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "tags", abstract: "Give a user these tags, in place of those before; none to take all away.")

    @Argument(help: "The user's name.") var name: String
    @Argument(help: "administrator, monitoring.") var tags: [BrokerUserTag] = []
    @OptionGroup var changing: BrokerChanging

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await changing.make(
            BrokerChange(.setTags, user: name, tags: tags), "tags of '\(name)' changed", in: context)
    }
}

extension BrokerUserTag: ExpressibleByArgument {
    package init?(argument: String) { self.init(rawValue: argument) }
}
