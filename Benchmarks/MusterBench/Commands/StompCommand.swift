import ArgumentParser
import Foundation

/// `muster-bench stomp`: one load on a STOMP broker, for the benchmark that started it.
struct StompCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stomp", abstract: "Put a load on a STOMP broker on loopback.",
        discussion: "Prints one line when it is over; with --idle that everybody is connected, and stays.",
        shouldDisplay: false)

    @Option var port: Int
    @Option var destination = StompPlan.Destination.queue
    @Option(help: "Publishers, each with a destination and subscribers of its own.") var lanes = 1
    @Option(help: "Subscribers of each destination.") var subscribers = 1
    @Flag(help: "Messages are kept, and each is confirmed.") var persistent = false
    @Option(help: "Messages under way at a time, of each publisher.") var window: Int?
    @Option(help: "Messages a second, of each publisher.") var rate: Int?
    @Flag(help: "Only connect and subscribe.") var idle = false
    @Option var seconds = 3
    @Option var maxMessages: Int?

    func validate() throws {
        guard [window != nil, rate != nil, idle].count(where: { $0 }) == 1 else {
            throw ValidationError("one of --window, --rate and --idle")
        }
        guard subscribers > 0 || persistent else {
            throw ValidationError("without subscribers only confirmations (--persistent) can be counted")
        }
    }

    func run() async throws {
        DescriptorLimit.raise()
        let generator = try await StompGenerator(plan)
        guard !idle else {
            say("connected")
            while true { try await Task.sleep(for: .seconds(3600)) }
        }
        say(try await generator.measure().line)
    }

    private var plan: StompPlan {
        var plan = StompPlan(port: port, destination: destination, lanes: lanes, subscribers: subscribers)
        plan.isPersistent = persistent
        plan.seconds = seconds
        plan.maxMessages = maxMessages
        if let window {
            plan.pace = .window(window)
        } else if let rate {
            plan.pace = .perSecond(rate)
        } else {
            plan.pace = .idle
        }
        return plan
    }

    private func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}

extension StompPlan.Destination: ExpressibleByArgument {}
