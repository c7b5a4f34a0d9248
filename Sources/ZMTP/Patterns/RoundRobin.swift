/// Whose turn it is: how PUSH and DEALER spread messages over their peers.
///
/// Peers take turns in the order they came; one that cannot take a message is passed over without losing its turn for
/// long. Spec: RFC 28 (DEALER), RFC 30 (PUSH).
public struct RoundRobin<Peer: Equatable> {
    private var peers: [Peer] = []
    private var turn = 0

    public init() {}

    public var isEmpty: Bool { peers.isEmpty }
    public var count: Int { peers.count }

    /// Adds a peer at the end of the round.
    public mutating func add(_ peer: Peer) {
        peers.append(peer)
    }

    /// Takes a peer out; the order of the others stays.
    public mutating func remove(_ peer: Peer) {
        guard let index = peers.firstIndex(of: peer) else { return }
        peers.remove(at: index)
        if index < turn { turn -= 1 }
        if turn >= peers.count { turn = 0 }
    }

    /// The next peer that can take a message; nil when none can.
    public mutating func next(where isReady: (Peer) -> Bool = { _ in true }) -> Peer? {
        for step in 0..<peers.count {
            let index = (turn + step) % peers.count
            guard isReady(peers[index]) else { continue }
            turn = (index + 1) % peers.count
            return peers[index]
        }
        return nil
    }
}

extension RoundRobin: Sendable where Peer: Sendable {}
