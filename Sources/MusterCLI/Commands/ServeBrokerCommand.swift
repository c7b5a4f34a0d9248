import ArgumentParser

/// `muster serve broker`: runs a STOMP broker until it is told to stop.
struct ServeBrokerCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker", abstract: "Run a STOMP broker: for MCollective and other clients of STOMP 1.0 to 1.2.",
        discussion: """
            Topics, queues, temporary queues and exchanges by the names that RabbitMQ's and ActiveMQ's clients use; what \
            is sent to an exchange or queue that is not there makes it. Messages are kept in memory, persistent ones \
            on disk with --data. Without a user everybody who reaches it may do everything: then it listens on this machine only.
            """)

    @OptionGroup var broker: BrokerOptions
    @OptionGroup var life: LifeOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        life.apply()
        try await context.roles.broker(broker.role)
        return .success
    }
}
