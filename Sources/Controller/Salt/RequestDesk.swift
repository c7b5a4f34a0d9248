package import BusTransport
package import Logging
package import MusterCore
package import NIOCore
package import NIOPosix
package import SaltProtocol

/// Serves the request port (4506): the hot path of returns, and every other command of nodes.
///
/// All of it runs on one event loop, which owns the state; what needs RSA or a file goes to a thread pool and replies
/// from there. Returns and events of one tick go to the store as one submission and are answered after its commit. When
/// the store refuses, nobody is answered: the nodes send again.
package final class RequestDesk: RouterServerDelegate {
    /// What the desk works with; all of it is shared with the rest of the controller.
    package struct Tools: Sendable {
        package var keys: KeyStore
        package var nodes: NodeIndex
        package var store: any Store
        package var sessions: SessionSecret
        package var questions: QuestionBook
        package var ids: JobIDSource
        package var pillar: any PillarSource
        package var signIn: SignInDesk
        package var counters: SaltCounters
        package var eventSignal: SequenceSignal
        package var pool: NIOThreadPool
        package var now: @Sendable () -> Timestamp
        package var logger: Logger
        /// Takes stored returns and answers to questions to the job engine.
        package var report: @Sendable (JobEngine.Report) -> Void
        /// A node asked for its own key to be deleted.
        package var revoke: @Sendable (NodeID) -> Void
        package var rules: RequestRules
        /// How far a node's clock may be off.
        package var clockTolerance: Duration
    }

    private let tools: Tools
    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<RequestDeskState>

    /// - Parameter loop: the one loop of the server's group; call from it.
    package init(_ tools: Tools, on loop: any EventLoop) {
        self.tools = tools
        self.loop = loop
        state = NIOLoopBoundBox.makeBoxSendingValue(RequestDeskState(), eventLoop: loop)
    }

    package func connectionOpened(_ connection: RouterConnection) {
        state.value.hosts[connection] = connection.remoteAddress?.ipAddress ?? "unknown"
    }

    package func connectionClosed(_ connection: RouterConnection, reason: CloseReason) {
        state.value.hosts[connection] = nil
        if case .violation(let error) = reason { refused("\(error)", from: connection.remoteAddress?.ipAddress) }
    }

    package func connectionRefused(from address: SocketAddress?, reason: CloseReason) {
        guard reason != .probe, reason != .closedByPeer else { return }
        refused("\(reason)", from: address?.ipAddress)
    }

    package func requestReceived(_ payload: ByteBuffer, from connection: RouterConnection) {
        tools.counters.count(.requests)
        do {
            try serve(payload, from: connection)
        } catch {
            tools.counters.count(error.counter)
            note("request refused", "\(error)", from: host(of: connection))
            connection.reply(ByteBuffer(bytes: error.answer))
        }
    }

    package func readCompleted(on loop: any EventLoop) {
        let state = state.value
        guard !state.writes.isEmpty else { return }
        let (id, batch) = state.takeBatch()
        let (writes, returns) = (batch.writes, batch.returns)
        state.inFlight[id] = batch.replies
        let (counters, signal, report) = (tools.counters, tools.eventSignal, tools.report)
        tools.store.submit(writes) { result in
            switch result {
            case .success(let commit):
                RequestDesk.tell(commit, returns, counters, signal, report)
                loop.execute { self.answer(id) }
            case .failure(let error):
                loop.execute { self.drop(id, error) }
            }
        }
    }

    // MARK: One request

    private func serve(_ payload: ByteBuffer, from connection: RouterConnection) throws(RequestRefusal) {
        let frame = payload.readableBytesSpan
        let envelope = try RequestEnvelope(frame)
        let key = try tools.rules.key(of: envelope, in: frame)
        guard case .session(let node) = key else {
            return try serveClear(frame.extracting(envelope.load), from: connection)
        }
        let state = state.value
        let now = tools.now()
        guard let session = session(of: node, at: now) else { throw .noAcceptedKey(id: node.text) }
        state.opened.clear()
        do throws(ContainerError) {
            try session.container.open(frame.extracting(envelope.load), into: &state.opened)
        } catch {
            throw .notSealedWithSession(id: node.text)
        }
        let plain = state.opened
        let opened = plain.readableBytesSpan
        let load = try RequestLoad(opened)
        let request = try tools.rules.check(load, in: opened, openedWith: key, now: now, replays: &session.replays) {
            _, token in session.proof.accepts(plain.readableBytesSpan.extracting(token))
        }
        let host = host(of: connection)
        if let contact = tools.nodes.heard(node, from: host, at: now) {
            state.writes.append(.contact(node, contact))
        }
        let reply = RequestDeskState.Reply(connection: connection, session: session, nonce: request.nonce)
        serve(request, opened, envelope.pillarAlgorithms(in: frame), reply, at: now)
    }

    private func serveClear(_ load: RawSpan, from connection: RouterConnection) throws(RequestRefusal) {
        guard try ClearCommand.named(in: load) == .signIn else {
            connection.reply(ByteBuffer(bytes: RequestReply.Plain.emptyMap))
            return
        }
        do throws(SignInFailure) {
            let request = try SignInRequest(load: load)
            tools.signIn.take(request, from: connection, host: host(of: connection))
        } catch {
            throw .notAnEnvelope
        }
    }

    private func serve(
        _ request: CheckedRequest, _ opened: RawSpan, _ algorithms: PillarAlgorithms, _ reply: RequestDeskState.Reply,
        at now: Timestamp
    ) {
        guard let command = request.command else {
            tools.counters.count(.unserved)
            return answer(reply, RequestReply.Plain.emptyMap)
        }
        switch command {
        case .returned: takeReturn(request, opened, reply, at: now)
        case .event: takeEvents(request, opened, reply, at: now)
        case .pillar: givePillar(request, opened, algorithms, reply, at: now)
        case .revokeAuthentication:
            tools.revoke(request.node)
            answer(reply, RequestReply.Plain.yes)
        default:
            tools.counters.count(.unserved)
            answer(reply, FileServerAnswers.answer(to: command)?.messagePack() ?? RequestReply.Plain.emptyMap)
        }
    }

    private func takeReturn(
        _ request: CheckedRequest, _ opened: RawSpan, _ reply: RequestDeskState.Reply, at now: Timestamp
    ) {
        let message: ReturnMessage
        do throws(MessageError) {
            message = try ReturnMessage(request.load, in: opened, from: request.node)
        } catch {
            note("return refused", "\(error)", from: host(of: reply.connection))
            return answer(reply, RequestReply.Plain.emptyText)
        }
        tools.counters.count(.returns)
        if let job = message.job, let asked = tools.questions.job(askedBy: job) {
            tools.report(.answered(asked, request.node, isRunning: message.saysItRuns))
            return answer(reply, RequestReply.Plain.null)
        }
        let state = state.value
        let job = message.job ?? ownJob(of: request.node, message, at: now)
        let nodeReturn = message.nodeReturn(under: job, received: now)
        state.returns.append((state.writes.count, JobEngine.StoredReturn(nodeReturn)))
        state.writes.append(.nodeReturn(nodeReturn))
        state.replies.append(reply)
    }

    /// Allots a job to a return that nobody asked for: a node's schedule, or a local call with `--return`-like intent.
    private func ownJob(of node: NodeID, _ message: ReturnMessage, at now: Timestamp) -> JobID {
        let job = Job(
            id: tools.ids.next(), calls: [FunctionCall(message.function)], target: Target(nodes: [node]),
            user: node.text, published: now, timeout: .zero)
        state.value.writes.append(.job(job, expected: [Expectation(node: node, outcome: .waiting)]))
        state.value.writes.append(.jobEnded(job.id, at: now))
        return job.id
    }

    private func takeEvents(
        _ request: CheckedRequest, _ opened: RawSpan, _ reply: RequestDeskState.Reply, at now: Timestamp
    ) {
        do throws(MessageError) {
            let message = try EventMessage(request.load, in: opened)
            let (events, refused) = message.fired(from: .node(request.node))
            for event in events {
                state.value.writes.append(.event(Event(tag: event.tag, time: now, data: event.data)))
            }
            tools.counters.count(.events, by: events.count)
            if !refused.isEmpty {
                tools.counters.count(.refusedEvents, by: refused.count)
                note("event tags refused", refused.prefix(3).joined(separator: ", "), from: request.node.text)
            }
            if events.isEmpty { return answer(reply, RequestReply.Plain.null) }
            state.value.replies.append(reply)
        } catch {
            note("event refused", "\(error)", from: host(of: reply.connection))
            answer(reply, RequestReply.Plain.emptyText)
        }
    }

    // MARK: Pillar

    private func givePillar(
        _ request: CheckedRequest, _ opened: RawSpan, _ algorithms: PillarAlgorithms, _ reply: RequestDeskState.Reply,
        at now: Timestamp
    ) {
        let wish: PillarRequest
        do throws(MessageError) {
            wish = try PillarRequest(opened)
        } catch {
            return answer(reply, RequestReply.Plain.no)
        }
        tools.counters.count(.pillars)
        guard let key = tools.keys.acceptedKey(of: request.node) else {
            return answer(reply, RequestReply.Plain.emptyMap)
        }
        let facts = NodeReturn.Body(.messagePack, Value.map(wish.grains).messagePack())
        state.value.writes.append(.facts(request.node, facts, at: now))
        state.value.writes.append(.event(.factsRefreshed(request.node, at: now)))
        let (tools, connection, nonce, node) = (tools, reply.connection, request.nonce, request.node)
        tools.pool.submit { poolState in
            guard case .active = poolState else { return }
            do {
                let pillar = tools.pillar.pillar(for: node, facts: wish.grains)
                let bytes = try PillarReply.encoded(
                    Value.map(pillar).messagePack(), for: key, nonce: nonce, by: tools.keys.own,
                    encryption: algorithms.encryption, signature: algorithms.signature)
                connection.reply(ByteBuffer(bytes: bytes))
            } catch {
                tools.logger.error("pillar not given", metadata: ["node.id": "\(node)", "error": "\(error)"])
            }
        }
    }

    // MARK: Replies

    private func answer(_ reply: RequestDeskState.Reply, _ value: [UInt8]) {
        var buffer = ByteBuffer()
        do throws(CryptographyError) {
            try RequestReply.write(
                value.span.bytes, nonce: reply.nonce, sealedBy: reply.session.container, into: &buffer)
            reply.connection.reply(buffer)
        } catch {
            // No answer: the node sends again.
            tools.logger.error("reply not sealed", metadata: ["error": "\(error)"])
        }
    }

    private func answer(_ batch: UInt64) {
        for reply in state.value.inFlight.removeValue(forKey: batch) ?? [] { answer(reply, RequestReply.Plain.null) }
    }

    private func drop(_ batch: UInt64, _ error: any Error) {
        let replies = state.value.inFlight.removeValue(forKey: batch) ?? []
        tools.counters.count(.unacknowledged, by: replies.count)
        note("returns not stored, nodes will send them again", "\(error)", from: "\(replies.count) requests")
    }

    /// On the writer's thread: what the commit means for events and jobs.
    private static func tell(
        _ commit: StoreCommit, _ returns: [(Int, JobEngine.StoredReturn)], _ counters: SaltCounters,
        _ signal: SequenceSignal, _ report: (JobEngine.Report) -> Void
    ) {
        var fresh: [JobEngine.StoredReturn] = []
        for (index, nodeReturn) in returns {
            switch commit.results[index] {
            case .stored: fresh.append(nodeReturn)
            case .duplicate: counters.count(.duplicateReturns)
            }
        }
        if !fresh.isEmpty { report(.stored(fresh)) }
        signal.advance(to: commit.newestSequence)
    }

    // MARK: Sessions

    private func session(of node: NodeID, at now: Timestamp) -> RequestDeskState.Session? {
        let state = state.value
        let generation = tools.keys.generation
        if generation != state.keyGeneration {
            state.keyGeneration = generation
            state.sessions = state.sessions.filter { tools.keys.acceptedKey(of: $0.key) == $0.value.publicKey }
        }
        let epoch = tools.sessions.epoch(at: now)
        if let known = state.sessions[node], known.epoch == epoch { return known }
        guard let publicKey = tools.keys.acceptedKey(of: node),
            // A session that cannot be derived is no session: the node is told to sign in.
            let key = try? tools.sessions.key(of: node, publicKey: publicKey, epoch: epoch),
            let container = try? Container(key)
        else { return nil }
        let session = RequestDeskState.Session(
            container: container, publicKey: publicKey, epoch: epoch,
            replays: state.sessions[node]?.replays ?? ReplayMemory(window: tools.clockTolerance))
        state.sessions[node] = session
        return session
    }

    private func host(of connection: RouterConnection) -> String { state.value.hosts[connection] ?? "unknown" }

    // MARK: Telling the operator

    private func refused(_ what: String, from host: String?) {
        tools.counters.count(.connectionsRefused)
        note("connection refused", what, from: host ?? "unknown")
    }

    /// A peer can trigger this at will: at most one line a minute and kind, with the count of those left out.
    private func note(_ phrase: Logger.Message, _ detail: String, from origin: String) {
        guard let left = state.value.mayLog("\(phrase)", at: tools.now()) else { return }
        tools.logger.warning(
            phrase, metadata: ["reason": "\(detail)", "peer": "\(origin)", "suppressed": "\(left)"])
    }
}

extension RequestRefusal {
    /// Which counter a refusal belongs to.
    fileprivate var counter: SaltCounter {
        switch self {
        case .undecodable, .notAnEnvelope, .loadIsNoMap: .malformed
        case .repeated, .stale: .replayed
        default: .refused
        }
    }
}

extension Event {
    /// Salt's `minion/refresh/ID`.
    fileprivate static func factsRefreshed(_ node: NodeID, at time: Timestamp) -> Event {
        Event(
            tag: "minion/refresh/\(node)", time: time,
            data: ["Minion data cache refresh": .string(node.text), "_stamp": .string(time.iso8601)])
    }
}

extension ReturnMessage {
    /// Whether this answer to `saltutil.find_job` says that the job runs: a map that is not empty.
    fileprivate var saysItRuns: Bool {
        guard let first = body.first else { return false }
        return (0x81...0x8f).contains(first) || first == 0xde || first == 0xdf
    }
}
