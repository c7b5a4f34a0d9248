import MusterCore
import SaltProtocol

/// A key that opens requests, ready to use, and what was sent under it lately: of one signed-in node, or in version 2 of
/// all nodes together. About 2 KB.
final class RequestSession {
    let container: Container
    /// Checks the node's token; nil in version 2, where the sender is known only when the request is open.
    var proof: ProofToken?
    var replays: ReplayMemory
    var allowances: Allowances

    init(container: Container, proof: ProofToken?, replays: ReplayMemory, allowances: Allowances) {
        self.container = container
        self.proof = proof
        self.replays = replays
        self.allowances = allowances
    }

    /// What may be stored that nobody asked for.
    struct Allowances {
        var returns: Allowance
        var events: Allowance
    }
}

/// The sessions that requests are opened with, derived when a request first needs them. Owner: the request desk's loop.
///
/// A change in the key store costs each node one look-up at its next request, however many nodes there are.
final class RequestSessions {
    private struct NodeSession {
        let session: RequestSession
        let publicKey: KeptPublicKey
        let epoch: Int64
        /// The key store's generation in which the node's key was last looked up.
        var keyGeneration: Int
    }

    /// Who of version 2 sent an event is anybody's word: together they may send what so many nodes may.
    private static let shared = 100

    private let keys: KeyStore
    private let secret: SessionSecret
    private let publishKey: PublishKeyRing
    private let clockTolerance: Duration
    private let full: RequestSession.Allowances
    private let fullShared: RequestSession.Allowances
    private var nodes: [NodeID: NodeSession] = [:]
    /// Of nodes without a session here: what was served before a restart, or before their key was taken away.
    private var remembered: [NodeID: ReplayMemory.Record]
    /// Of all containers here.
    private var cipher: ContainerCipher?
    /// What opens requests of version 2, with the publish key it was made of.
    private var sharedSession: (session: RequestSession, key: KeyString)?

    init(_ tools: RequestDesk.Tools) {
        keys = tools.keys
        secret = tools.sessions
        publishKey = tools.publishKey
        clockTolerance = tools.clockTolerance
        let returns = Allowance(capacity: tools.unaskedReturns, perMinute: 60)
        let events = tools.eventLimits.perMinute
        full = .init(returns: returns, events: Allowance(capacity: events, perMinute: events))
        fullShared = .init(
            returns: returns,
            events: Allowance(capacity: RequestSessions.shared * events, perMinute: RequestSessions.shared * events))
        remembered = tools.replays
    }

    /// What must be remembered over a restart.
    func replays(at now: Timestamp) -> [NodeID: ReplayMemory.Record] {
        let oldest = now.seconds - clockTolerance.components.seconds
        var records = remembered.filter { $0.value.newest >= oldest }
        for (node, known) in nodes { records[node] = known.session.replays.record(now: now) }
        return records
    }

    /// The session of a node at a moment; it ends with the node's key and with its epoch.
    func session(of node: NodeID, at now: Timestamp) throws(RequestRefusal) -> RequestSession {
        let (generation, epoch) = (keys.generation, secret.epoch(of: node, at: now))
        let known = nodes[node]
        if let known, known.keyGeneration == generation, known.epoch == epoch { return known.session }
        guard let publicKey = keys.keptKey(of: node) else {
            if let known { remembered[node] = known.session.replays.record(now: now) }
            nodes[node] = nil
            throw .noAcceptedKey(id: node.text)
        }
        if let known, known.epoch == epoch, known.publicKey == publicKey {
            nodes[node]?.keyGeneration = generation
            return known.session
        }
        // A session that cannot be derived is no session: the node is told to sign in.
        guard let key = try? secret.key(of: node, publicKey: publicKey, epoch: epoch),
            let container = try? container(of: key)
        else { throw .failed }
        let session = RequestSession(
            container: container, proof: ProofToken(for: publicKey),
            replays: known?.session.replays ?? memory(of: node, at: now),
            allowances: known?.session.allowances ?? full)
        nodes[node] = .init(
            session: session, publicKey: publicKey, epoch: epoch, keyGeneration: generation)
        return session
    }

    /// What opens requests of version 2: the publish key of now.
    func shared() throws(RequestRefusal) -> RequestSession {
        let key = publishKey.vouched.key
        if let shared = sharedSession, shared.key == key { return shared.session }
        guard let container = try? container(of: key) else { throw .failed }
        let replays = sharedSession?.session.replays
        let session = RequestSession(
            container: container, proof: nil,
            replays: replays ?? ReplayMemory(window: clockTolerance, capacity: 1 << 16),
            allowances: sharedSession?.session.allowances ?? fullShared)
        sharedSession = (session, key)
        return session
    }

    private func container(of key: KeyString) throws(CryptographyError) -> Container {
        if let cipher { return try Container(key, sharing: cipher) }
        let cipher = try ContainerCipher()
        self.cipher = cipher
        return try Container(key, sharing: cipher)
    }

    private func memory(of node: NodeID, at now: Timestamp) -> ReplayMemory {
        guard let record = remembered.removeValue(forKey: node) else { return ReplayMemory(window: clockTolerance) }
        return ReplayMemory(record, window: clockTolerance, now: now)
    }

    /// Whether the bytes are the token of the node's accepted key.
    func isToken(_ token: RawSpan, of node: NodeID, _ session: RequestSession) -> Bool {
        if session.proof != nil { return session.proof?.accepts(token) == true }
        guard let key = keys.keptKey(of: node) else { return false }
        var proof = ProofToken(for: key)
        return proof.accepts(token)
    }
}
