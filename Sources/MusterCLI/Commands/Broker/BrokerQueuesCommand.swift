import ArgumentParser
import MusterCore

/// `muster broker queues`: every queue with what is in it.
struct BrokerQueuesCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues", abstract: "List queues: what waits, who takes it, and how fast.",
        discussion: "Queues of single connections, as those for replies, are not listed.")

    @Option(help: ArgumentHelp("Only of this virtual host.", valueName: "name")) var vhost: String?
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Broker") var broker: BrokerLocationOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let queues = try await broker.connect(context).queues()
            .filter { vhost == nil || $0.virtualHost == vhost }
        let header = ["VHOST", "QUEUE", "MESSAGES", "UNACKED", "SIZE", "CONSUMERS", "IN", "OUT"]
        try output.print(queues, as: header, in: context) { queue in
            [
                queue.virtualHost, queue.name, "\(queue.messages)", "\(queue.unacknowledged)",
                ByteCount.text(queue.bytes), "\(queue.consumers)", Rate.text(queue.traffic.publishedPerSecond),
                Rate.text(queue.traffic.deliveredPerSecond),
            ]
        }
        if queues.isEmpty, !output.json { context.console.note("no queues") }
        return .success
    }
}
