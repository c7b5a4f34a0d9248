public import NIOCore

/// Which peers want which topics: how PUB decides whom to send a message.
///
/// A subscription is a prefix of the topic, the first frame. Prefixes are kept by their length, and a topic is looked
/// up once per length in use: a handful in practice (Salt uses 0, 9 and 40 bytes), never more than the longest allowed
/// prefix. Peers that want everything are kept apart, since for them nothing need be looked up.
/// Spec: RFC 29 (PUB, XPUB).
public struct SubscriptionIndex<Peer: Hashable> {
    private var everything: Set<Peer> = []
    private var byPrefix: [[UInt8]: Set<Peer>] = [:]
    /// How many prefixes of each length there are.
    private var lengths: [Int: Int] = [:]
    private var byPeer: [Peer: Set<[UInt8]>] = [:]
    private let maxTopicsPerPeer: Int
    private let maxTopicBytes: Int

    public init(maxTopicsPerPeer: Int = 1024, maxTopicBytes: Int = 255) {
        self.maxTopicsPerPeer = maxTopicsPerPeer
        self.maxTopicBytes = maxTopicBytes
    }

    /// The peers with the empty prefix; not sorted.
    public var subscribersToEverything: Set<Peer> { everything }

    /// Whether some peer has a prefix that is not empty.
    public var hasFilters: Bool { !byPrefix.isEmpty }

    /// Each prefix in use with its number of peers, as an XPUB would see it; not sorted.
    public var topics: [(prefix: [UInt8], peers: Int)] {
        let filtered = byPrefix.map { (prefix: $0.key, peers: $0.value.count) }
        return everything.isEmpty ? filtered : filtered + [(prefix: [], peers: everything.count)]
    }

    /// The prefixes of one peer; not sorted.
    public func topics(of peer: Peer) -> Set<[UInt8]> { byPeer[peer] ?? [] }

    /// Adds a subscription; a second one of the same peer to the same prefix changes nothing, as in libzmq.
    ///
    /// - Returns: Whether it is the first of all peers for this prefix.
    public mutating func subscribe(_ peer: Peer, to topic: ByteBuffer) throws(ZMTPError) -> Bool {
        guard topic.readableBytes <= maxTopicBytes else { throw .topicTooLong(limitBytes: maxTopicBytes) }
        let prefix = Array(topic.readableBytesView)
        let known = byPeer[peer, default: []]
        guard !known.contains(prefix) else { return false }
        guard known.count < maxTopicsPerPeer else { throw .tooManySubscriptions(limit: maxTopicsPerPeer) }
        byPeer[peer, default: []].insert(prefix)
        guard !prefix.isEmpty else {
            everything.insert(peer)
            return everything.count == 1
        }
        guard byPrefix[prefix, default: []].isEmpty else {
            byPrefix[prefix]?.insert(peer)
            return false
        }
        byPrefix[prefix] = [peer]
        lengths[prefix.count, default: 0] += 1
        return true
    }

    /// Takes a subscription back; one that was never made is ignored.
    ///
    /// - Returns: Whether it was the last of all peers for this prefix.
    public mutating func cancel(_ peer: Peer, topic: ByteBuffer) -> Bool {
        let prefix = Array(topic.readableBytesView)
        guard byPeer[peer]?.remove(prefix) != nil else { return false }
        if byPeer[peer]?.isEmpty == true { byPeer[peer] = nil }
        return forget(peer, prefix)
    }

    /// Forgets a peer that has gone.
    ///
    /// - Returns: The prefixes that no other peer has; not sorted.
    public mutating func remove(_ peer: Peer) -> [[UInt8]] {
        (byPeer.removeValue(forKey: peer) ?? []).filter { forget(peer, $0) }
    }

    /// The peers with a non-empty prefix of this topic that have not asked for everything; each once, not sorted.
    ///
    /// - Complexity: One look-up for each length in use, plus the peers found.
    public func filteredSubscribers(of topic: ByteBuffer) -> Set<Peer> {
        guard !byPrefix.isEmpty else { return [] }
        let topic = Array(topic.readableBytesView.prefix(maxTopicBytes))
        var found: Set<Peer> = []
        for length in lengths.keys where length <= topic.count {
            guard let peers = byPrefix[Array(topic[..<length])] else { continue }
            found.formUnion(peers)
        }
        return everything.isEmpty ? found : found.subtracting(everything)
    }

    /// Every peer that wants this topic; each once, not sorted.
    public func subscribers(of topic: ByteBuffer) -> Set<Peer> {
        filteredSubscribers(of: topic).union(everything)
    }

    private mutating func forget(_ peer: Peer, _ prefix: [UInt8]) -> Bool {
        guard !prefix.isEmpty else {
            everything.remove(peer)
            return everything.isEmpty
        }
        byPrefix[prefix]?.remove(peer)
        guard byPrefix[prefix]?.isEmpty == true else { return false }
        byPrefix[prefix] = nil
        lengths[prefix.count, default: 1] -= 1
        if lengths[prefix.count] == 0 { lengths[prefix.count] = nil }
        return true
    }
}

extension SubscriptionIndex: Sendable where Peer: Sendable {}
