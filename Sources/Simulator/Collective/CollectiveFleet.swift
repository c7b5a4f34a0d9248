import CollectiveBus
import Logging
import MCollectiveProtocol
import MusterCore
import NIOCore

/// The nodes of a process that simulates a part of a collective.
///
/// Owner: the event loop on which everything of them happens.
final class CollectiveFleet {
    /// How many connections are begun in one step, and how long a step is: the broker has other things to do as well.
    private static let connectionsAtOnce = 100
    private static let step = TimeAmount.milliseconds(20)

    private let setup: CollectiveSetup
    private let eventLoop: any EventLoop
    private let reporter: FleetReporter
    private var waiting: ArraySlice<NodeID>
    private var servers: [CollectiveServer] = []
    private var tickers: [RepeatedTask] = []

    init(
        _ ids: [NodeID], setup: CollectiveSetup, on eventLoop: any EventLoop,
        report: @escaping @Sendable (SimulationEvent) -> Void
    ) {
        self.setup = setup
        self.eventLoop = eventLoop
        waiting = ids[...]
        reporter = FleetReporter(nodes: ids.count, report: report)
    }

    func start() {
        reporter.tell(.started)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        tickers = [
            eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: CollectiveFleet.step) { task in
                bound.value.connectSome()
                if bound.value.waiting.isEmpty { task.cancel() }
            },
            eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
                bound.value.reporter.tell(.counts)
            },
        ]
    }

    /// Counts no more.
    ///
    /// - Returns: What is still to be stopped.
    func close() -> [CollectiveServer] {
        for ticker in tickers { ticker.cancel() }
        reporter.close()
        return servers
    }

    func tellEnd() { reporter.tell(.ended) }

    private func connectSome() {
        for id in waiting.prefix(CollectiveFleet.connectionsAtOnce) { connect(id) }
        waiting = waiting.dropFirst(CollectiveFleet.connectionsAtOnce)
    }

    private func connect(_ id: NodeID) {
        var setup = setup
        setup.identity = id.text
        setup.configuration.identity = id.text
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let node = SimulatedCollectiveNode(id) { bound.value.reporter.count { $0.returns += 1 } }
        let server = CollectiveServer(
            setup, agents: SimulatedCollectiveNode.agents, rules: RequestRules(identity: id.text), on: eventLoop,
            logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }, handler: node
        ) { isConnected in
            bound.value.changed(isConnected)
        }
        servers.append(server)
        do { try server.start() } catch { reporter.trouble = "\(error)" }
    }

    private func changed(_ isConnected: Bool) {
        reporter.count { counts in
            counts.connected += isConnected ? 1 : -1
            counts.signedIn = max(counts.signedIn, counts.connected)
        }
    }
}
