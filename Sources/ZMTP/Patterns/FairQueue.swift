import NIOCore

/// One queue per peer, emptied in turns: how PULL, DEALER and SUB take messages in.
///
/// A peer that sends much cannot starve the others. Each peer's queue is bounded; at the bound the caller must stop
/// reading from that peer. What a peer sent before it went away stays and is still handed out.
/// Spec: RFC 28 and 30, "fair-queue".
public struct FairQueue<Peer: Hashable, Element> {
    private var queues: [Peer: CircularBuffer<Element>] = [:]
    /// The peers with something in their queue, next one first.
    private var turns = CircularBuffer<Peer>()
    private let capacityPerPeer: Int

    /// - Parameter capacityPerPeer: Messages after which a peer is full; it may be exceeded by what was read already.
    public init(capacityPerPeer: Int) {
        self.capacityPerPeer = capacityPerPeer
    }

    public var isEmpty: Bool { turns.isEmpty }

    /// Appends what a peer sent.
    ///
    /// - Returns: Whether the peer may go on; if not, read no more from it until `pop()` says so.
    public mutating func push(_ element: Element, from peer: Peer) -> Bool {
        let count = {
            $0.append(element)
            return $0.count
        }(&queues[peer, default: CircularBuffer()])
        if count == 1 { turns.append(peer) }
        return count < capacityPerPeer
    }

    /// The next message; nil when there is none.
    ///
    /// - Returns: The message, its peer, and whether that peer has just come below its bound.
    public mutating func pop() -> (element: Element, peer: Peer, hasRoomAgain: Bool)? {
        guard let peer = turns.popFirst(), let element = queues[peer]?.popFirst() else { return nil }
        let count = queues[peer]?.count ?? 0
        if count > 0 { turns.append(peer) } else { queues[peer] = nil }
        return (element, peer, count == capacityPerPeer - 1)
    }
}

extension FairQueue: Sendable where Peer: Sendable, Element: Sendable {}
