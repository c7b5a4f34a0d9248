package import BusTransport
package import Logging
package import MusterCore
import NIOCore
package import NIOPosix
package import SaltProtocol
import Synchronization

/// Answers `_auth`: decides by the key store, stores the change, does the RSA work, all on a small thread pool.
///
/// Never on an event loop: a grant takes two private operations. What comes faster than that waits in order, as long as
/// its connection is there (`SignInQueue`); each thread goes to the end of the pool's queue after each sign-in, so that
/// pillar, which shares the pool, is served meanwhile.
package final class SignInDesk: Sendable {
    /// What a sign-in needs to know about the fleet and the moment.
    package struct Surroundings: Sendable {
        package var policy: AutosignPolicy
        package var sessions: SessionSecret
        package var firesEvents: Bool

        package init(policy: AutosignPolicy, sessions: SessionSecret, firesEvents: Bool = true) {
            self.policy = policy
            self.sessions = sessions
            self.firesEvents = firesEvents
        }
    }

    private let keys: KeyStore
    private let nodes: NodeIndex
    private let store: any Store
    private let surroundings: Surroundings
    private let publishKey: PublishKeyRing
    private let pool: NIOThreadPool
    private let counters: SaltCounters
    private let eventSignal: SequenceSignal
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let logLimiter = LogLimiter()
    private let server = Mutex<SignInServer?>(nil)
    /// When a known node's sign-in last made an event; as many as there are such nodes.
    private let lastTold = Mutex<[NodeID: Timestamp]>([:])
    private struct Waiting {
        /// Some 1.5 KB each: 40 000.
        var queue = SignInQueue<RouterConnection, SignInRequest>(maxBytes: 64 << 20)
        /// Threads that serve, or are about to.
        var workers = 0
    }

    private let waiting = Mutex(Waiting())
    private let threads: Int

    package init(
        keys: KeyStore, nodes: NodeIndex, store: any Store, surroundings: Surroundings, publishKey: PublishKeyRing,
        pool: NIOThreadPool, threads: Int, counters: SaltCounters, eventSignal: SequenceSignal,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.keys = keys
        self.nodes = nodes
        self.store = store
        self.surroundings = surroundings
        self.publishKey = publishKey
        self.pool = pool
        self.threads = threads
        self.counters = counters
        self.eventSignal = eventSignal
        self.now = now
        self.logger = logger
    }

    /// Sets what nodes are told of the controller; before this nobody is answered.
    package func open(as identity: ControllerIdentity) {
        server.withLock { $0 = SignInServer(identity) }
    }

    /// How many sign-ins wait.
    package var waitingCount: Int { waiting.withLock { $0.queue.count } }

    /// Takes a request from its event loop; the reply goes to `connection` later.
    package func take(_ request: SignInRequest, from connection: RouterConnection, host: String) {
        let (isTaken, needsWorker) = waiting.withLock { waiting -> (Bool, Bool) in
            guard waiting.queue.add(request, from: connection, host: host, bytes: request.size) else {
                return (false, false)
            }
            guard waiting.workers < threads else { return (true, false) }
            waiting.workers += 1
            return (true, true)
        }
        if !isTaken { counters.count(.signInsDropped) }
        if needsWorker { work() }
    }

    /// A connection has ended: what it asked need not be answered.
    package func forget(_ connection: RouterConnection) {
        waiting.withLock { $0.queue.remove(connection) }
    }

    /// Serves one request on the pool, and goes on while there are more.
    private func work() {
        pool.submit { state in
            let next = self.waiting.withLock { waiting in
                let next = state == .active ? waiting.queue.next() : nil
                if next == nil { waiting.workers -= 1 }
                return next
            }
            guard let next else { return }
            self.serve(next.request, next.connection, next.host)
            self.work()
        }
    }

    private func serve(_ request: SignInRequest, _ connection: RouterConnection, _ host: String) {
        guard let server = server.withLock({ $0 }) else { return }
        let moment = now()
        do {
            // Before the decision: who is let in by it and removed at once must not get the key that came with the removal.
            let published = publishKey.vouched
            let decision = try keys.deciding {
                var decision = try server.decide(request) { try standing(of: $0, request, moment) }
                if let change = decision.change, let node = decision.node {
                    if try !apply(change, to: node) { decision.change = nil }
                }
                return decision
            }
            let reply: [UInt8]
            switch decision.answer {
            case .grant(let grant):
                let session = try surroundings.sessions.key(
                    of: grant.id, publicKey: KeptPublicKey(grant.key),
                    epoch: surroundings.sessions.epoch(of: grant.id, at: moment))
                reply = try server.encode(grant, publishKey: published, sessionKey: session)
                // Read and parsed here, so that the node's first request does not do it on the event loop.
                _ = keys.keptKey(of: grant.id)
                counters.count(.signIns)
            case .refuse(let refusal):
                reply = try server.encode(refusal)
                counters.count(.signInsRefused)
                if decision.verdict == .crowded { noteCrowd(request, host, moment) }
            }
            tell(decision, host: host, at: moment)
            connection.reply(ByteBuffer(bytes: reply))
        } catch {
            // No answer: the node asks again, and the operator sees why.
            guard let left = logLimiter.admit("sign-in not answered", at: moment) else { return }
            logger.error(
                "sign-in not answered",
                metadata: [
                    "node.id": "\(request.id.loggable)", "peer.address": "\(host)", "error": "\(error)",
                    "suppressed": "\(left)",
                ])
        }
    }

    /// - Throws: `FileError` when the node's key is there and cannot be read: it must not be taken for a new node then.
    private func standing(of node: NodeID, _ request: SignInRequest, _ moment: Timestamp) throws -> KeyStanding {
        keys.refresh()
        let policy = surroundings.policy
        let stored = try keys.readable(node).flatMap { stored in
            stored.state.signInState.map { StoredKey($0, pem: stored.pem) }
        }
        var standing = KeyStanding(stored: stored, isOpen: policy.isOpen)
        if policy.maxNodes > 0, !nodes.isConnected(node) {
            standing.isFull = nodes.connectedCount >= policy.maxNodes
        }
        guard stored == nil || stored?.state == .pending else { return standing }
        standing.isAutorejected = policy.rejects(node)
        standing.isCrowded = keys.count(standing.isAutorejected ? .rejected : .pending) >= policy.maxPending
        standing.autosign = autosign(node, request, moment)
        return standing
    }

    private func autosign(_ node: NodeID, _ request: SignInRequest, _ moment: Timestamp) -> AutosignReason? {
        let policy = surroundings.policy
        if policy.acceptsAll { return .everyKey }
        if policy.accepts(node) { return .file }
        if keys.takeAutosignStub(node, youngerThan: policy.stubLifetime, now: moment) { return .stub }
        if policy.accepts(facts: request.autosignGrains) { return .grain }
        return nil
    }

    /// - Returns: false when that very change was made before.
    private func apply(_ change: KeyStoreChange, to node: NodeID) throws -> Bool {
        switch change {
        case .accept(let key, _): try keys.store(key.pem, of: node, as: .accepted)
        case .pend(let key): try keys.store(key.pem, of: node, as: .pending)
        case .reject(let key): try keys.store(key.pem, of: node, as: .rejected)
        case .deny(let key):
            guard keys.stored(node, as: .denied)?.pem != key.pem else { return false }
            try keys.store(key.pem, of: node, as: .denied)
        }
        return true
    }

    private func noteCrowd(_ request: SignInRequest, _ host: String, _ moment: Timestamp) {
        counters.count(.signInsCrowded)
        guard let left = logLimiter.admit("too many keys wait", at: moment) else { return }
        logger.warning(
            "too many keys wait to be accepted, no more are kept: accept or delete some, or raise max_pending_keys",
            metadata: ["node.id": "\(request.id.loggable)", "peer.address": "\(host)", "suppressed": "\(left)"])
    }

    private func tell(_ decision: SignInDecision, host: String, at moment: Timestamp) {
        guard let event = decision.event, decision.change != nil || event.act == .accept else { return }
        // A stranger can make up keys for a known id at will; the counter of refused sign-ins has them all.
        let isStrange = event.act == .denied
        let suppressed =
            decision.change == nil
            ? nil : logLimiter.admit("key \(event.act.rawValue)", at: moment, burst: isStrange ? 1 : 20)
        if isStrange, suppressed == nil { return }
        // A recorded sign-in can be sent again at will, too: it lets nobody in, and is not worth an event each time.
        if decision.change == nil, !isNews(event.id, at: moment) { return }
        if let suppressed {
            logger.info(
                "key \(event.act.words)",
                metadata: [
                    "node.id": "\(event.id)", "peer.address": "\(host)", "verdict": "\(decision.verdict?.words ?? "")",
                    "suppressed": "\(suppressed)",
                ])
        }
        guard surroundings.firesEvents else { return }
        // An event that cannot be stored is lost with the store's health message; the sign-in goes on.
        let signal = eventSignal
        store.submit([.event(event.event(at: moment))]) { result in
            if case .success(let commit) = result { signal.advance(to: commit.newestSequence) }
        }
    }

    /// Whether the sign-in of a known node is worth an event: one a minute is, and the first after the clock was set back.
    private func isNews(_ node: NodeID, at moment: Timestamp) -> Bool {
        lastTold.withLock { lastTold in
            if let last = lastTold[node], (last..<last + .seconds(60)).contains(moment) { return false }
            lastTold[node] = moment
            return true
        }
    }
}

extension SignInRequest {
    /// About the memory that the request takes while it waits.
    fileprivate var size: Int {
        512 + id.utf8.count + publicKey.utf8.count + (token?.count ?? 0)
            + autosignGrains.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 64 }
    }
}

extension KeyState {
    /// The state as sign-in decides by it; a denied key is not the id's own.
    fileprivate var signInState: StoredKey.State? {
        switch self {
        case .accepted: .accepted
        case .pending: .pending
        case .rejected: .rejected
        case .denied: nil
        }
    }
}

extension SignInEvent.Act {
    /// For the log; the raw value is what Salt's event says.
    fileprivate var words: String {
        switch self {
        case .accept: "accepted"
        case .pend: "waits to be accepted"
        case .reject: "rejected"
        default: rawValue
        }
    }
}

extension KeyVerdict {
    /// For the log.
    fileprivate var words: String {
        guard case .autosigned(let reason) = self else { return "\(self)" }
        return switch reason {
        case .everyKey: "auto_accept"
        case .file: "autosign file"
        case .stub: "autosign stub"
        case .grain: "autosign grain"
        }
    }
}
