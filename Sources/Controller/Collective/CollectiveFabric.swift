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
    private struct Open: Sendable {
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
    private let parts: Parts
    private let group: MultiThreadedEventLoopGroup
    private let client: CollectiveClient
    private let known = Mutex(KnownAnswers())
    private let counters = Mutex(CollectiveCounters())
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
    package var metrics: ValueMap {
        var metrics = counters.withLock { $0.snapshot }
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

    // MARK: Replies

    /// Takes in the replies to one request, until all who were asked have answered or late answers land no more.
    private func collect(_ request: Open) async {
        defer {
            request.exchange.end()
            counters.withLock { $0.refusedReplies += request.exchange.refusedReplies }
        }
        let deadline = ContinuousClock.now + request.window
        var missing = request.asked
        do {
            while !missing.isEmpty, let replies = try await request.exchange.next(until: deadline) {
                // Who was not asked has no answer to give: it may speak in the name of others. The first of each counts.
                let wanted = replies.filter { missing.remove($0.reply.senderID) != nil }
                counters.withLock { $0.refusedReplies += replies.count - wanted.count }
                if !wanted.isEmpty { await store(wanted, of: request) }
            }
        } catch {
            // Cancelled: the controller ends.
        }
    }

    /// Stored before it is told. What the store refuses is tried again: there is nobody else who still has it.
    private func store(_ replies: [ReceivedReply], of request: Open) async {
        let now = parts.now()
        var returns: [NodeReturn] = []
        var writes: [StoreWrite] = []
        for one in replies {
            // Only ids were asked.
            guard let node = NodeID(one.reply.senderID) else { continue }
            if let contact = parts.nodes.heardOverBus(node, at: now) { writes.append(.contact(node, contact)) }
            let nodeReturn = CollectiveFabric.nodeReturn(one.reply, of: request, from: node, at: now)
            returns.append(nodeReturn)
            writes.append(.nodeReturn(nodeReturn))
        }
        counters.withLock { $0.replies += returns.count }
        await store(writes)
    }

    /// What cannot be stored together for a reason that will stay is tried one by one, so that it costs no other node.
    private func store(_ writes: [StoreWrite]) async {
        repeat {
            do {
                let commit = try await parts.store.commit(writes)
                parts.eventSignal.advance(to: commit.newestSequence)
                return tell(writes, commit)
            } catch let error as StoreError where error.isOutage {
                // Told once, by the store's owner.
                try? await Task.sleep(for: .seconds(1))  // cancellation ends the loop
            } catch {
                guard writes.count == 1 else {
                    for write in writes { await store([write]) }
                    return
                }
                return parts.logger.error("answer not stored", metadata: ["error": "\(error)"])
            }
        } while !Task.isCancelled
    }

    private func tell(_ writes: [StoreWrite], _ commit: StoreCommit) {
        var fresh: [JobEngine.StoredReturn] = []
        for (write, result) in zip(writes, commit.results) {
            switch (write, result) {
            case (.nodeReturn(let nodeReturn), .stored), (.nodeReturn(let nodeReturn), .unasked):
                fresh.append(JobEngine.StoredReturn(nodeReturn))
            default: break
            }
        }
        if !fresh.isEmpty { parts.report(.stored(fresh)) }
    }

    private static func nodeReturn(
        _ reply: CollectiveReply, of request: Open, from node: NodeID, at now: Timestamp
    ) -> NodeReturn {
        let result: FunctionResult
        do throws(RPCError) { result = try RPCReply(body: reply.body).functionResult } catch {
            result = FunctionResult(.string("an answer that cannot be read: \(error)"), returnCode: 5)
        }
        return NodeReturn(
            job: request.job, node: node, function: request.function,
            body: .init(.json, Array(JSON.text(result.value).utf8)),
            returnCode: result.returnCode, isSuccess: result.returnCode == 0, received: now)
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

/// What happened on the collective, counted since the start.
struct CollectiveCounters {
    var discoveries = 0
    var requests = 0
    var replies = 0
    /// Unproved, repeated, or of who was not asked.
    var refusedReplies = 0

    var snapshot: ValueMap {
        [
            "muster_collective_discoveries_total": .int(Int64(discoveries)),
            "muster_collective_requests_total": .int(Int64(requests)),
            "muster_collective_replies_total": .int(Int64(replies)),
            "muster_collective_replies_refused_total": .int(Int64(refusedReplies)),
        ]
    }
}
