import CollectiveBus
package import Logging
import MCollectiveProtocol
package import MusterCore
import NIOCore
import NIOPosix
import Synchronization

/// The collective of a controller: nodes behind a broker, found by discovery and asked as agents.
///
/// What goes out is decided in `publish`; the replies of each request are taken in by a task of `run()`.
package final class CollectiveFabric: Sendable {
    /// What the fabric shares with the rest of the controller.
    package struct Parts: Sendable {
        /// Whether a node is reached over Salt's wire, and nothing is believed of it here.
        package var isMinion: @Sendable (NodeID) -> Bool
        package var nodes: NodeIndex
        package var store: any Store
        package var eventSignal: SequenceSignal
        package var now: @Sendable () -> Timestamp
        package var logger: Logger
        package var report: @Sendable (JobEngine.Report) -> Void
    }

    /// A request that is out.
    struct Open: Sendable {
        var job: JobID
        var function: String
        var exchange: CollectiveExchange
        var asked: Set<String>
        /// How long replies are taken.
        var window: Duration
    }

    /// Who a target means.
    package enum Resolution: Sendable, Hashable {
        /// Sorted.
        case nodes([NodeID])
        /// Nobody could be asked, and why.
        case leftOut(String)
    }

    private let configuration: CollectiveFabricConfiguration
    let parts: Parts
    private let group: MultiThreadedEventLoopGroup
    private let client: CollectiveClient
    private let known = Mutex(KnownAnswers())
    let counters = Mutex(CollectiveCounters())
    private let requests: AsyncStream<Open>
    private let opened: AsyncStream<Open>.Continuation

    package init(_ configuration: CollectiveFabricConfiguration, parts: Parts) {
        self.configuration = configuration
        self.parts = parts
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        (requests, opened) = AsyncStream.makeStream()
        let (nodes, now, logger) = (parts.nodes, parts.now, parts.logger)
        client = CollectiveClient(configuration.setup, on: group.next(), logger: logger) { isConnected in
            nodes.busChanged(isConnected: isConnected, at: now())
            if isConnected { logger.notice("the collective can be reached") }
        }
    }

    // MARK: Life

    /// Begins to connect; goes on until `close()`.
    package func open() { client.start() }

    /// Takes in replies until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await request in requests { group.addTask { await self.collect(request) } }
        }
    }

    /// Says goodbye to the broker.
    package func close() async {
        opened.finish()
        await client.close()
        do { try await group.shutdownGracefully() } catch {
            parts.logger.warning("threads did not stop", metadata: ["error": "\(error)"])
        }
    }

    /// Where we are connected, for people.
    package var listeners: [String] { client.broker.map { ["collective through \($0)"] } ?? [] }

    /// The counters by name.
    package func metrics() async -> ValueMap {
        var metrics = counters.withLock { $0.snapshot }
        metrics["muster_collective_requests_dropped_total"] = .int(Int64(await client.droppedRequests))
        metrics["muster_collective_messages_unreadable_total"] = .int(Int64(client.unreadableReplies))
        return metrics
    }

    // MARK: Targets

    /// Asks who a target means, and has what the calls need.
    ///
    /// - Throws: `CancellationError`. Whatever else goes wrong here keeps nobody from the other wire.
    package func resolve(_ target: Target, for calls: [FunctionCall]) async throws -> Resolution {
        guard var filter = Filter(target) else { return .leftOut("they cannot judge such a target") }
        guard client.broker != nil else {
            return .leftOut("\(CollectiveFabricError.notConnected(client.lastFailure.map { "\($0)" }))")
        }
        guard calls.count <= 1 else { return .leftOut("\(CollectiveFabricError.severalCalls)") }
        if let call = calls.first { filter.agents = [.text(CollectiveFabric.call(call).module)] }
        do {
            try filter.checkPatterns()
            return .nodes(try await discover(filter))
        } catch let error as CancellationError {
            throw error
        } catch {
            return .leftOut("\(error)")
        }
    }

    private func discover(_ filter: Filter) async throws -> [NodeID] {
        let now = parts.now()
        let expected = known.withLock { $0.nodes(filter, at: now) }
        var window = DiscoveryWindow(limit: configuration.discoveryTimeout, known: expected)
        let exchange = try client.send(Discovery.ping, agent: Discovery.agent, filter: filter, to: .everybody)
        defer { exchange.end() }
        let start = ContinuousClock.now
        var found: Set<String> = []
        while let replies = try await exchange.next(until: start + window.end) {
            for one in replies where found.insert(one.reply.senderID).inserted {
                window.received(from: one.reply.senderID, at: start.duration(to: one.receivedAt))
            }
        }
        let isWhole = window.end == configuration.discoveryTimeout
        known.withLock { $0.note(found, to: filter, at: now, isWhole: isWhole) }
        counters.withLock { $0.discoveries += 1 }
        let nodes = found.compactMap(NodeID.init).filter { !parts.isMinion($0) }.sorted()
        await noteContacts(nodes)
        return nodes
    }

    private func noteContacts(_ nodes: [NodeID]) async {
        let now = parts.now()
        let writes = nodes.compactMap { node in
            parts.nodes.heardOverBus(node, at: now).map { StoreWrite.contact(node, $0) }
        }
        guard !writes.isEmpty else { return }
        // An outage is told once, by the store's owner, and when nodes were seen is worth no failure.
        _ = try? await parts.store.commit(writes)
    }

    // MARK: Jobs

    /// Sends a job to each of these nodes: a broadcast would also reach who is not expected.
    ///
    /// - Throws: `CollectiveFabricError`, `CallTranslationError`, or `SecurityError`.
    func publish(_ job: Job, to nodes: [NodeID]) throws {
        // While a lost connection is made anew a request may wait: no node serves it when its time is over.
        guard client.broker != nil || client.wasConnected(within: .seconds(20)) else {
            throw CollectiveFabricError.notConnected(client.lastFailure.map { "\($0)" })
        }
        guard job.calls.count == 1, let first = job.calls.first else { throw CollectiveFabricError.severalCalls }
        let call = CollectiveFabric.call(first)
        let request = try RPCRequest(call, description: StandardDDLs.agent(named: call.module))
        let names = nodes.map(\.text)
        let exchange = try client.send(request.body, agent: request.agent, filter: Filter(), to: .nodes(names))
        counters.withLock { $0.requests += 1 }
        // As long as the engine waits, with its questions, and some more.
        let window = max(configuration.replyWindow, job.timeout * 8)
        opened.yield(
            Open(job: job.id, function: call.function, exchange: exchange, asked: Set(names), window: window))
    }

    /// Nobody on this wire can be asked what it runs.
    func ask(_ nodes: [NodeID], about job: Job) {
        for node in nodes { parts.report(.answered(job.id, node, .cannotSay)) }
    }

    /// What a call is called on this wire.
    private static func call(_ call: FunctionCall) -> FunctionCall {
        var call = call
        call.function = FunctionNames.collective(call.function)
        return call
    }
}

/// Why a job does not go to the collective.
package enum CollectiveFabricError: Error, Hashable, Sendable, CustomStringConvertible {
    case notConnected(String?)
    case severalCalls

    package var description: String {
        switch self {
        case .notConnected(let reason): "no connection to a broker" + (reason.map { ": \($0)" } ?? "")
        case .severalCalls: "a collective takes one function in a job: make several jobs"
        }
    }
}
