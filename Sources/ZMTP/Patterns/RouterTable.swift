public import NIOCore

/// Who is connected to a ROUTER, by identity, with hand-over.
///
/// A newcomer with a known identity wins: the older connection is given back to be closed. libzmq does so with
/// `ZMQ_ROUTER_HANDOVER`, which Salt's master sets; without it a minion that lost its link would be locked out.
/// `Peer` is a handle of the caller's; one peer is admitted once.
public struct RouterTable<Peer: Equatable> {
    private var peers: [RoutingID: Peer] = [:]
    private var nextInvented: UInt32

    /// - Parameter firstInvented: Where invented identities begin; libzmq begins at random, so that nobody can be
    ///   reached by an identity that is left from a former run.
    public init(firstInvented: UInt32) {
        nextInvented = firstInvented
    }

    public var count: Int { peers.count }

    /// What to call a newcomer: its own identity, or one that is invented and free.
    ///
    /// - Parameter identity: As announced; empty for none.
    public mutating func routingID(for identity: ByteBuffer) -> RoutingID {
        guard identity.readableBytes == 0 else { return RoutingID(identity) }
        // After 2^32 connections the numbers come round; one still in use is passed over.
        while true {
            let id = RoutingID(invented: nextInvented)
            nextInvented &+= 1
            if peers[id] == nil { return id }
        }
    }

    /// Takes a newcomer in.
    ///
    /// - Returns: The older connection of the same identity, now out of the table and to be closed.
    public mutating func admit(_ peer: Peer, as id: RoutingID) -> Peer? {
        peers.updateValue(peer, forKey: id)
    }

    /// The peer of this identity.
    public subscript(id: RoutingID) -> Peer? { peers[id] }

    /// Forgets a peer that has gone; nothing happens when a newcomer has taken its identity.
    public mutating func remove(_ peer: Peer, id: RoutingID) {
        if peers[id] == peer { peers[id] = nil }
    }
}

extension RouterTable: Sendable where Peer: Sendable {}
