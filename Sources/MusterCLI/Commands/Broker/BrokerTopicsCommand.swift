import ArgumentParser
import MusterCore

/// `muster broker topics`: every topic and exchange that somebody subscribes to.
struct BrokerTopicsCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics", abstract: "List topics and keys of exchanges with their subscribers.")

    @Option(help: ArgumentHelp("Only of this virtual host.", valueName: "name")) var vhost: String?
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Broker") var broker: BrokerLocationOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let topics = try await broker.connect(context).topics().filter { vhost == nil || $0.virtualHost == vhost }
        try output.print(topics, as: ["VHOST", "DESTINATION", "SUBSCRIBERS", "BACKLOG"], in: context) { topic in
            [topic.virtualHost, topic.destination, "\(topic.subscribers)", "\(topic.backlog)"]
        }
        if topics.isEmpty, !output.json { context.console.note("no topics") }
        return .success
    }
}
