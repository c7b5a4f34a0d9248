import ArgumentParser
import MusterCore

/// `muster broker purge`: empties a queue.
struct BrokerPurgeCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge", abstract: "Remove what waits in a queue; what consumers hold stays theirs.")

    @Argument(help: "The queue's name, as 'queues' shows it.") var queue: String
    @Option(help: ArgumentHelp("The virtual host.", valueName: "name")) var vhost = "/"
    @Flag(name: [.customShort("y"), .long], help: "Do not ask.") var yes = false
    @OptionGroup var changing: BrokerChanging

    func run(in context: CommandContext) async throws -> ExitStatus {
        if !yes, context.console.isInteractive {
            let question = "Really remove the messages of queue '\(queue)' in virtual host '\(vhost)'?"
            guard context.console.confirm(question, default: false) else { return .declined }
        }
        return try await changing.make(
            BrokerChange(.purge, virtualHost: vhost, queue: queue), "queue '\(queue)' purged", in: context)
    }
}
