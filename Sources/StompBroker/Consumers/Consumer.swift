import DequeModule
import NIOCore
import STOMP

/// One subscription of one connection: what it wants, how much it may have, and what it has.
///
/// It can take a message while its connection has room and, unless it acknowledges nothing, while it holds fewer than its
/// prefetch. One that could not is *parked*: its source passes it over until the virtual host has pumped it, which happens
/// when room or credit comes back.
final class Consumer {
    enum Source {
        case queue(MessageQueue)
        case topic(Topic, TopicTable)
    }

    unowned let peer: Peer
    let subscription: SubscriptionRequest
    /// Unique within the connection; what a 1.2 ACK begins with.
    let number: Int
    let source: Source
    /// What it has and has not acknowledged, in the order of delivery.
    var unacknowledged: Deque<QueueEntry> = []
    /// What waits for a slow subscriber of a topic.
    var backlog = PriorityList()
    /// Whether the client has ended the subscription; what it holds may still be acknowledged.
    var isCancelled = false
    fileprivate(set) var isParked = false
    fileprivate var isListed = false
    private var plainHead: ByteBuffer?

    init(_ subscription: SubscriptionRequest, number: Int, source: Source, peer: Peer) {
        self.subscription = subscription
        self.number = number
        self.source = source
        self.peer = peer
    }

    /// Whether it may be given a message now.
    var canTake: Bool {
        peer.hasRoom && !isCancelled
            && (subscription.ack == .auto || unacknowledged.count < subscription.prefetch)
    }

    /// Whether it wants the message.
    func wants(_ message: StoredMessage) -> Bool {
        guard let selector = subscription.selector else { return true }
        return selector.matches(message.headers)
    }

    /// The queue it takes from; nil for a topic.
    var queue: MessageQueue? {
        guard case .queue(let queue) = source else { return nil }
        return queue
    }

    /// What stands before the tail of a message for this consumer: the same bytes each time, unless it must acknowledge
    /// the message by a name of its own, or gets it again.
    func head(for entry: QueueEntry, idPrefix: String) -> ByteBuffer {
        let needsAck = subscription.ack != .auto && peer.version == .v1_2
        let isPlain = !needsAck && entry.redeliveries == 0
        let begin = plainHead ?? makePlainHead()
        if isPlain { return begin }
        var head = begin
        head.reserveCapacity(minimumWritableBytes: 80)
        if needsAck {
            head.writeStaticString("ack:")
            head.writeDecimal(UInt64(number))
            head.writeStaticString("@")
            head.writeString(idPrefix)
            head.writeDecimal(entry.message.id)
            head.writeStaticString("\n")
        }
        if entry.redeliveries > 0 { head.writeStaticString("redelivered:true\n") }
        return head
    }

    private func makePlainHead() -> ByteBuffer {
        var headers = Headers(escaping: peer.version.escaping)
        if let id = subscription.shownID { headers.append("subscription", id) }
        var head = ByteBuffer()
        head.writeStaticString("MESSAGE\n")
        head.writeImmutableBuffer(headers.lines)
        plainHead = head
        return head
    }

    /// Waits for room or credit.
    func park() {
        isParked = true
        guard !isListed else { return }
        isListed = true
        peer.parked.append(self)
    }

    /// Is about to be pumped.
    func unpark() { isParked = false }
}

extension Peer {
    /// The consumers that wait, first those that have waited longest; they must be pumped, or parked again.
    func takeParked() -> [Consumer] {
        let consumers = parked
        parked = []
        for consumer in consumers { consumer.isListed = false }
        return consumers.filter { $0.isParked && !$0.isCancelled }
    }
}
