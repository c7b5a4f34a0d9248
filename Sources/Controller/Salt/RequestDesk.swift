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
/// the store is out of order, nobody is answered: the nodes send again. When it refuses something in the submission, each
/// request is tried alone, so that one node's bad value costs nobody else an answer.
package final class RequestDesk: RouterServerDelegate {
    /// What the desk works with; all of it is shared with the rest of the controller.
    package struct Tools: Sendable {
        package var keys: KeyStore
        package var nodes: NodeIndex
        package var store: any Store
        package var sessions: SessionSecret
        /// Opens requests of version 2.
        package var publishKey: PublishKeyRing
        package var questions: QuestionBook
        package var ids: JobIDSource
        package var pillar: any PillarSource
        package var signIn: SignInDesk
        package var counters: SaltCounters
        package var eventSignal: SequenceSignal
        package var pool: NIOThreadPool
        package var now: @Sendable () -> Timestamp
        package var logger: Logger
        package var logLimiter: LogLimiter
        /// Takes stored returns and answers to questions to the job engine.
        package var report: @Sendable (JobEngine.Report) -> Void
        /// A node asked for its own key to be deleted; false when that is not allowed.
        package var revoke: @Sendable (NodeID) -> Bool
        package var rules: RequestRules
        /// How far a node's clock may be off.
        package var clockTolerance: Duration
        /// How many returns a node may send that nobody asked it for: `Allowance`.
        package var unaskedReturns = 1000
        package var eventLimits = EventLimits()
        /// What was served before a restart.
        package var replays: [NodeID: ReplayMemory.Record] = [:]
    }

    private let tools: Tools
    private let loop: any EventLoop
    private let pillars: PillarDesk
    private let tokens: TokenDesk
    private let state: NIOLoopBoundBox<RequestDeskState>

    /// - Parameter loop: the one loop of the server's group; call from it.
    package init(_ tools: Tools, on loop: any EventLoop) {
        self.tools = tools
        self.loop = loop
        pillars = PillarDesk(tools)
        tokens = TokenDesk(pool: tools.pool, loop: loop)
        state = NIOLoopBoundBox.makeBoxSendingValue(RequestDeskState(RequestSessions(tools)), eventLoop: loop)
    }

    /// What must be remembered over a restart; ask when the port is closed.
    package func replays() async throws -> [NodeID: ReplayMemory.Record] {
        try await loop.submit { self.state.value.sessions.replays(at: self.tools.now()) }.get()
    }

    package func connectionOpened(_ connection: RouterConnection) {
        state.value.peers[connection] = .init(host: connection.remoteAddress?.ipAddress ?? "unknown")
    }

    package func connectionClosed(_ connection: RouterConnection, reason: CloseReason) {
        state.value.peers[connection] = nil
        tools.signIn.forget(connection)
        switch reason {
        case .violation, .memoryNeeded, .displaced: refused("\(reason)", from: connection.remoteAddress?.ipAddress)
        default: break
        }
    }

    package func acceptFailed(_ cause: String) {
        note("connections not accepted, tried again", cause, from: "the system")
    }

    package func connectionRefused(from address: SocketAddress?, reason: CloseReason) {
        guard reason != .probe, reason != .closedByPeer else { return }
        refused("\(reason)", from: address?.ipAddress)
    }

    package func requestReceived(_ payload: ByteBuffer, from connection: RouterConnection) {
        tools.counters.count(.requests)
        take(payload, from: connection)
    }

    private func take(_ payload: ByteBuffer, from connection: RouterConnection) {
        do {
            try serve(payload, from: connection)
        } catch {
            refuse(error, from: connection)
        }
    }

    private func refuse(_ refusal: RequestRefusal, from connection: RouterConnection) {
        tools.counters.count(refusal.counter)
        note("request refused", "\(refusal)", from: host(of: connection))
        connection.reply(ByteBuffer(bytes: refusal.answer))
    }

    package func readCompleted(on loop: any EventLoop) {
        let state = state.value
        let (batch, contacts) = (state.batch, state.contacts)
        (state.batch, state.contacts) = (RequestDeskState.Batch(), [])
        // Written with the next request of the node if not now: who was heard from is known here in any case.
        if !contacts.isEmpty { tools.store.submit(contacts) { _ in } }
        if !batch.requests.isEmpty { submit(batch) }
    }

    private func submit(_ batch: RequestDeskState.Batch) {
        let id = state.value.nextBatch()
        state.value.inFlight[id] = batch
        let (signal, report, loop, writes) = (tools.eventSignal, tools.report, loop, batch.writes)
        tools.store.submit(writes) { result in
            switch result {
            case .success(let commit):
                RequestDesk.tell(commit, writes, signal, report)
                loop.execute { self.committed(id, commit) }
            case .failure(let error):
                loop.execute { self.failed(id, error) }
            }
        }
    }

    // MARK: One request

    private func serve(_ payload: ByteBuffer, from connection: RouterConnection) throws(RequestRefusal) {
        let frame = payload.readableBytesSpan
        let envelope = try RequestEnvelope(frame)
        let key = try tools.rules.key(of: envelope, in: frame)
        let (state, now) = (state.value, tools.now())
        let session: RequestSession
        switch key {
        case .none: return try serveClear(frame.extracting(envelope.load), from: connection)
        case .session(let node): session = try state.sessions.session(of: node, at: now)
        case .publish: session = try state.sessions.shared()
        }
        state.opened.clear()
        do throws(ContainerError) {
            try session.container.open(frame.extracting(envelope.load), into: &state.opened)
        } catch {
            throw .notSealedWithSession(id: key.sender ?? "a node of version 2")
        }
        let plain = state.opened
        defer { state.trimOpened() }
        let opened = plain.readableBytesSpan
        let load = try RequestLoad(opened)
        if let proof = session.proof, let range = load.token {
            let token = opened.extracting(range)
            guard proof.remembers(token) else {
                let bytes = token.withUnsafeBytes { Array($0) }
                return prove(bytes, by: proof, of: session, key.sender ?? "", payload, from: connection)
            }
        }
        let request = try tools.rules.check(load, in: opened, openedWith: key, now: now, replays: &session.replays) {
            node, token in
            // Compared above, before anything was believed.
            if session.proof != nil, token == load.token { return true }
            return state.sessions.isToken(plain.readableBytesSpan.extracting(token), of: node, session)
        }
        let node = request.node
        // Known for a node's own session; in version 2 the key proves only that somebody signed in.
        if key == .publish, tools.keys.state(of: node) != .accepted { throw .noAcceptedKey(id: node.text) }
        if let peer = state.peers[connection] {
            if let contact = tools.nodes.heard(node, from: peer.host, at: now) {
                state.contacts.append(.contact(node, contact))
            }
            if !peer.isProved {
                peer.isProved = true
                connection.trust()
            }
        }
        let reply = RequestDeskState.Reply(connection: connection, session: session, nonce: request.nonce)
        serve(request, opened, envelope.pillarAlgorithms(in: frame), reply, at: now)
    }

    /// The first token of a session is judged elsewhere, and its request served then.
    private func prove(
        _ token: [UInt8], by proof: ProofToken, of session: RequestSession, _ sender: String, _ payload: ByteBuffer,
        from connection: RouterConnection
    ) {
        let session = NIOLoopBound(session, eventLoop: loop)
        tokens.judge(token, by: proof) { proof, isRight in
            guard isRight else { return self.refuse(.wrongToken(id: sender), from: connection) }
            session.value.proof = proof
            self.take(payload, from: connection)
            self.collectSoon()
        }
    }

    /// What was served outside of the port's own ticks goes to the store together, too.
    private func collectSoon() {
        guard !state.value.isCollecting else { return }
        state.value.isCollecting = true
        loop.execute {
            self.state.value.isCollecting = false
            self.readCompleted(on: self.loop)
        }
    }

    private func serveClear(_ load: RawSpan, from connection: RouterConnection) throws(RequestRefusal) {
        guard load.byteCount <= SignInRequest.maximumBytes else { throw .clearTooLarge(bytes: load.byteCount) }
        guard try ClearCommand.named(in: load) == .signIn else {
            tools.counters.count(.clearRefused)
            note("clear command refused", "only sign-ins are served to strangers", from: host(of: connection))
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
            answer(reply, tools.revoke(request.node) ? RequestReply.Plain.yes : RequestReply.Plain.no)
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
            tools.counters.count(.malformed)
            note("return refused", "\(error)", from: host(of: reply.connection))
            return answer(reply, RequestReply.Plain.emptyText)
        }
        tools.counters.count(.returns)
        if let job = message.job, let asked = tools.questions.job(askedBy: job) {
            tools.report(.answered(asked, request.node, message.jobSign))
            return answer(reply, RequestReply.Plain.null)
        }
        let cost = Allowance.cost(ofBytes: message.body.count)
        let isAllowed = reply.session.allowances.returns.take(cost, at: now)
        if let job = message.job {
            let nodeReturn = message.nodeReturn(under: job, received: now)
            // What is expected is taken from everybody at any time; the store knows, and looks only when it must.
            let write = isAllowed ? StoreWrite.nodeReturn(nodeReturn) : .expectedReturn(nodeReturn)
            return state.value.batch.add(last: write, cost: isAllowed ? cost : 0, reply)
        }
        guard isAllowed else { return refuseReturn(reply) }
        tools.counters.count(.unaskedReturns)
        let own = ownJob(of: request.node, message, at: now)
        let expected = [Expectation(node: request.node, outcome: .waiting)]
        state.value.batch.add(
            [.job(own, expected: expected), .jobEnded(own.id, at: now)],
            last: .nodeReturn(message.nodeReturn(under: own.id, received: now)), reply)
    }

    private func refuseReturn(_ reply: RequestDeskState.Reply) {
        tools.counters.count(.refusedReturns)
        note(
            "returns refused", "more than \(tools.unaskedReturns) that nobody asked for",
            from: host(of: reply.connection))
        answer(reply, RequestReply.Plain.emptyText)
    }

    /// A job for a return that nobody asked for: a node's schedule, or a local call that reports to its controller.
    private func ownJob(of node: NodeID, _ message: ReturnMessage, at now: Timestamp) -> Job {
        Job(
            id: tools.ids.next(), calls: [FunctionCall(message.function)], target: Target(nodes: [node]),
            user: node.text, published: now, timeout: .zero)
    }

    private func takeEvents(
        _ request: CheckedRequest, _ opened: RawSpan, _ reply: RequestDeskState.Reply, at now: Timestamp
    ) {
        do throws(MessageError) {
            let limits = tools.eventLimits
            let message = try EventMessage(request.load, in: opened) { events, bytes in
                let cost = events * Allowance.cost(ofBytes: bytes)
                return bytes <= limits.bytes && reply.session.allowances.events.take(cost, at: now)
            }
            let (events, refused) = message.fired(from: .node(request.node))
            if message.dropped > 0 {
                tools.counters.count(.droppedEvents, by: message.dropped)
                note(
                    "events dropped",
                    "\(request.node) sends more than \(limits.perMinute) a minute, or one over \(limits.bytes) bytes",
                    from: host(of: reply.connection))
            }
            tools.counters.count(.events, by: events.count)
            if !refused.isEmpty {
                tools.counters.count(.refusedEvents, by: refused.count)
                note(
                    "event tags refused", "\(request.node) may not say \(refused.prefix(3).joined(separator: ", "))",
                    from: host(of: reply.connection))
            }
            var writes = events.map { StoreWrite.event(Event(tag: $0.tag, time: now, data: $0.data)) }
            guard let last = writes.popLast() else { return answer(reply, RequestReply.Plain.null) }
            state.value.batch.add(writes, last: last, reply)
        } catch {
            tools.counters.count(.malformed)
            note("event refused", "\(error)", from: host(of: reply.connection))
            answer(reply, RequestReply.Plain.emptyText)
        }
    }

    private func givePillar(
        _ request: CheckedRequest, _ opened: RawSpan, _ algorithms: PillarAlgorithms, _ reply: RequestDeskState.Reply,
        at now: Timestamp
    ) {
        tools.counters.count(.pillars)
        guard let key = tools.keys.acceptedKey(of: request.node) else {
            return answer(reply, RequestReply.Plain.emptyMap)
        }
        guard let no = sealed(RequestReply.Plain.no, for: reply) else { return }
        pillars.take(
            .init(
                node: request.node, key: key, load: opened.withUnsafeBytes { Array($0) }, nonce: request.nonce,
                algorithms: algorithms, received: now, connection: reply.connection, refusal: no))
    }

    // MARK: Replies

    private func answer(_ reply: RequestDeskState.Reply, _ value: [UInt8]) {
        if let buffer = sealed(value, for: reply) { reply.connection.reply(buffer) }
    }

    /// Nil when the library fails; without an answer the node sends again.
    private func sealed(_ value: [UInt8], for reply: RequestDeskState.Reply) -> ByteBuffer? {
        var buffer = ByteBuffer()
        do throws(CryptographyError) {
            try RequestReply.write(
                value.span.bytes, nonce: reply.nonce, sealedBy: reply.session.container, into: &buffer)
            return buffer
        } catch {
            note("reply not sealed", "\(error)", from: host(of: reply.connection))
            return nil
        }
    }

    private func committed(_ id: UInt64, _ commit: StoreCommit) {
        guard let batch = state.value.inFlight.removeValue(forKey: id) else { return }
        for request in batch.requests {
            let session = request.reply.session
            switch (batch.writes[request.writes.upperBound - 1], commit.results[request.writes.upperBound - 1]) {
            case (.nodeReturn, .unasked), (.expectedReturn, .unasked):
                // One that asked for nothing took its part for good.
                tools.counters.count(.unaskedReturns)
            case (.nodeReturn, .stored), (.expectedReturn, .stored): session.allowances.returns.giveBack(request.cost)
            case (.nodeReturn, .duplicate), (.expectedReturn, .duplicate):
                tools.counters.count(.duplicateReturns)
                session.allowances.returns.giveBack(request.cost)
            case (.expectedReturn, .refused):
                refuseReturn(request.reply)
                continue
            default: break
            }
            answer(request.reply, RequestReply.Plain.null)
        }
    }

    private func failed(_ id: UInt64, _ error: any Error) {
        guard let batch = state.value.inFlight.removeValue(forKey: id) else { return }
        let requests = batch.requests
        if requests.count > 1, !isOutage(error) {
            // They have their part of the allowance already.
            for request in requests { submit(batch.alone(request)) }
            return
        }
        for request in requests { request.reply.session.allowances.returns.giveBack(request.cost) }
        guard !isOutage(error) else {
            tools.counters.count(.unacknowledged, by: requests.count)
            return note("not stored, nodes will send it again", "\(error)", from: "\(requests.count) requests")
        }
        // It can never be stored: a node that is not told would send it again for ever.
        for request in requests {
            tools.counters.count(.refused)
            answer(request.reply, RequestReply.Plain.emptyText)
            note("request refused, it cannot be stored", "\(error)", from: host(of: request.reply.connection))
        }
    }

    /// Whether trying the requests one by one would be in vain.
    private func isOutage(_ error: any Error) -> Bool {
        switch error as? StoreError {
        case .overloaded: true
        case let known?: known.isOutage
        case nil: false
        }
    }

    /// On the writer's thread: what the commit means for events and jobs.
    private static func tell(
        _ commit: StoreCommit, _ writes: [StoreWrite], _ signal: SequenceSignal,
        _ report: (JobEngine.Report) -> Void
    ) {
        var fresh: [JobEngine.StoredReturn] = []
        for (write, result) in zip(writes, commit.results) {
            switch (write, result) {
            case (.nodeReturn(let nodeReturn), .stored), (.nodeReturn(let nodeReturn), .unasked),
                (.expectedReturn(let nodeReturn), .stored), (.expectedReturn(let nodeReturn), .unasked):
                fresh.append(JobEngine.StoredReturn(nodeReturn))
            default: break
            }
        }
        if !fresh.isEmpty { report(.stored(fresh)) }
        signal.advance(to: commit.newestSequence)
    }

    // MARK: Telling the operator

    private func host(of connection: RouterConnection) -> String { state.value.peers[connection]?.host ?? "unknown" }

    private func refused(_ what: String, from host: String?) {
        tools.counters.count(.connectionsRefused)
        note("connection refused", what, from: host ?? "unknown")
    }

    /// A peer can trigger this at will: at most one line a minute and kind, with the count of those left out.
    private func note(_ phrase: Logger.Message, _ detail: @autoclosure () -> String, from origin: String) {
        guard let left = tools.logLimiter.admit("\(phrase)", at: tools.now()) else { return }
        tools.logger.warning(
            phrase,
            metadata: [
                "reason": "\(detail().loggable)", "peer.address": "\(origin.loggable)", "suppressed": "\(left)",
            ])
    }
}

extension RequestRules.Key {
    /// The node whose session it is.
    fileprivate var sender: String? {
        if case .session(let node) = self { node.text } else { nil }
    }
}

extension RequestRefusal {
    /// Which counter a refusal belongs to.
    fileprivate var counter: SaltCounter {
        switch self {
        case .undecodable, .notAnEnvelope, .loadIsNoMap, .clearTooLarge: .malformed
        case .repeated, .stale, .fromTheFuture: .replayed
        default: .refused
        }
    }
}
