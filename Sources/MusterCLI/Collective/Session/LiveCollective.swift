import CollectiveBus
import Logging
import MCollectiveProtocol
import NIOPosix

/// The collectives of the world: configuration files, and brokers behind them.
package struct LiveCollectiveGate: CollectiveGate {
    private let environment: [String: String]

    /// - Parameter environment: Of this process.
    package init(environment: [String: String]) { self.environment = environment }

    package func site(_ file: String?) throws -> any CollectiveSite {
        let file = file ?? ClientConfigurationFile.usual(home: environment["HOME"])
        return LiveCollectiveSite(setup: try CollectiveSetup(file: file, role: .client, environment: environment))
    }
}

/// A collective behind the brokers of a configuration.
struct LiveCollectiveSite: CollectiveSite {
    let setup: CollectiveSetup
    var configuration: CollectiveConfiguration { setup.configuration }
    var callerID: CallerID { setup.callerID }
    var problems: [ConfigurationProblem] { setup.problems }

    func connect(within timeout: Duration?) async throws -> any CollectiveCaller {
        // What a client has to say it says to its user.
        let logger = Logger(label: "mco") { _ in SwiftLogNoOpLogHandler() }
        let client = CollectiveClient(
            setup, on: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
        try await client.connect(within: timeout)
        return LiveCaller(client: client)
    }
}

/// A connection to a broker.
private struct LiveCaller: CollectiveCaller {
    let client: CollectiveClient

    func send(_ call: CollectiveCall) async throws -> any CollectiveConversation {
        let recipients: Recipients =
            switch call.recipients {
            case .everybody: .everybody
            case .nodes(let names): .nodes(names)
            }
        let exchange = try client.send(
            call.body, agent: call.agent, filter: call.filter, collective: call.collective, ttl: call.ttl,
            to: recipients, replyTo: call.replyTo)
        return LiveConversation(exchange: exchange)
    }

    func close() async { await client.close() }
}

/// A request that went to a broker.
private struct LiveConversation: CollectiveConversation {
    let exchange: CollectiveExchange
    var requestID: String { exchange.requestID }
    var refusedReplies: Int { exchange.refusedReplies }

    func next(until deadline: ContinuousClock.Instant) async throws -> [CollectiveAnswer]? {
        try await exchange.next(until: deadline)?.map { CollectiveAnswer($0.reply, at: $0.receivedAt) }
    }

    func end() async { exchange.end() }
}
