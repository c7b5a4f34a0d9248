import MessagePack
package import MusterCore

/// The checks that every request to a controller passes before it is served, in Salt's order and with ours added.
///
/// The caller does what needs keys and state, between the steps:
///
/// ```swift
/// let envelope = try RequestEnvelope(frame)
/// let key = try rules.key(of: envelope, in: frame)         // .session(node): look up its session
/// try session.container.open(frame.extracting(envelope.load), into: &opened)
/// let load = try RequestLoad(opened.readableBytesSpan)
/// let request = try rules.check(load, in: opened.readableBytesSpan, openedWith: key, now: now,
///     replays: &session.replays) { node, token in session.proof.accepts(…) }
/// ```
///
/// Source: `docs/protocols/salt.md`, section 3.2; Salt 3007, `salt/channel/server.py`, `handle_message`.
package struct RequestRules: Sendable, Hashable {
    /// Which key opens a request.
    package enum Key: Sendable, Hashable {
        /// None: a clear request. Dispatch it by ``ClearCommand`` only.
        case none
        /// The session key of a node: version 3.
        case session(NodeID)
        /// The key of publishes, which every node knows: version 2.
        case publish
    }

    /// Whether the listener also takes version 2, where anyone who holds the publish key can speak for any id.
    package var acceptsVersion2: Bool

    package init(acceptsVersion2: Bool = false) {
        self.acceptsVersion2 = acceptsVersion2
    }

    /// Which key opens the request.
    package func key(of envelope: RequestEnvelope, in frame: RawSpan) throws(RequestRefusal) -> Key {
        let minimum = acceptsVersion2 ? SaltVersion.beforeSessions : SaltVersion.current
        guard envelope.version >= minimum else {
            throw .versionNotAccepted(found: envelope.version, minimum: minimum)
        }
        switch envelope.protection {
        case .clear: return .none
        case .sealed where envelope.version == SaltVersion.beforeSessions: return .publish
        case .sealed:
            guard let range = envelope.id, let node = NodeID(range, in: frame) else { throw .invalidID }
            return .session(node)
        }
    }

    /// Checks an opened load.
    ///
    /// - Parameters:
    ///   - replays: The memory of the node that sent it; of all nodes together in version 2.
    ///   - isToken: Whether the bytes at the range of `opened` are the token of the node's accepted key.
    package func check(
        _ load: RequestLoad, in opened: RawSpan, openedWith key: Key, now: Timestamp, replays: inout ReplayMemory,
        isToken: (NodeID, Range<Int>) -> Bool
    ) throws(RequestRefusal) -> CheckedRequest {
        guard !load.hasForeignID else { throw .idIsNotText }
        guard let idRange = load.id else { throw .invalidID }
        guard let node = NodeID(idRange, in: opened) else {
            throw opened.extracting(idRange).contains(0) ? .idContainsNull : .invalidID
        }
        guard let nonceRange = load.nonce, let nonce = Nonce(ascii: opened.extracting(nonceRange)) else {
            throw .noNonce
        }
        switch key {
        case .none:
            preconditionFailure("a clear load has nothing to check here")
        case .session(let sender):
            guard sender == node else { throw .idsDiffer(outer: sender.text) }
            guard load.time != nil else { throw .noTime(id: node.text) }
            guard let token = load.token, isToken(node, token) else { throw .wrongToken(id: node.text) }
        case .publish:
            if let token = load.token, !isToken(node, token) { throw .wrongToken(id: node.text) }
        }
        switch replays.admit(nonce, madeAt: load.time, now: now) {
        case .fresh: break
        case .repeated: throw .repeated(id: node.text)
        case .stale(let seconds): throw .stale(id: node.text, seconds: seconds)
        case .fromTheFuture(let seconds): throw .fromTheFuture(id: node.text, seconds: seconds)
        }
        guard let command = load.command else { throw .noCommand(id: node.text) }
        return CheckedRequest(
            node: node, command: MinionCommand(command, in: MessagePackReader(opened)), nonce: nonce, load: load)
    }
}

/// A request that passed every check.
package struct CheckedRequest: Sendable, Hashable {
    /// Who sent it, proved.
    package let node: NodeID
    /// What it asks; nil when there is no such command: answer `{}`.
    package let command: MinionCommand?
    /// What the reply begins with.
    package let nonce: Nonce
    /// The fields, as ranges of the opened load.
    package let load: RequestLoad
}

extension NodeID {
    /// The id at a range of some bytes; nil when it is no valid id.
    package init?(_ range: Range<Int>, in bytes: RawSpan) {
        let id = bytes.extracting(range).withUnsafeBytes { NodeID(bytes: $0) }
        guard let id else { return nil }
        self = id
    }
}

extension RawSpan {
    fileprivate func contains(_ byte: UInt8) -> Bool { withUnsafeBytes { $0.contains(byte) } }
}
