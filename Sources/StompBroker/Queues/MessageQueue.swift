import DequeModule
import STOMP

/// One queue: what waits, and who takes it.
///
/// Invariant: nothing waits that a consumer wants which is not parked. So a new message goes straight to whoever's turn it
/// is, and one that waits is only looked for when a consumer comes, or comes back.
///
/// Consumers whose selector is one equality (MCollective's `mc_identity = 'NAME'`, thousands on one queue) are found by the
/// value of that header; all others take turns.
final class MessageQueue {
    let name: String
    /// Whether it goes when its connection does.
    let isTemporary: Bool
    private(set) var waiting = PriorityList()
    /// What waits or is held unacknowledged by consumers.
    private(set) var heldCount = 0
    private(set) var heldBytes = 0
    /// All its consumers.
    private(set) var consumerCount = 0
    /// Messages that were sent to it, and handed to consumers.
    var published = RateMeter()
    var delivered = RateMeter()
    /// Nothing is in it, nobody uses it, and the virtual host has forgotten it.
    var isGone = false
    /// Those without an index entry that are not parked; the first one's turn is next.
    private var turns: Deque<Consumer> = []
    private var index: [String: [String: [Consumer]]] = [:]

    init(name: String, isTemporary: Bool = false) {
        self.name = name
        self.isTemporary = isTemporary
    }

    var isUnused: Bool { heldCount == 0 && consumerCount == 0 }

    // Bounds.

    func hasRoom(messages: Int, bytes: Int, limits: BrokerLimits) -> Bool {
        heldCount + messages <= limits.maxQueueMessages && heldBytes + bytes <= limits.maxQueueBytes
    }

    func hold(_ message: StoredMessage) {
        heldCount += 1
        heldBytes += message.bytes
    }

    func release(_ message: StoredMessage) {
        heldCount -= 1
        heldBytes -= message.bytes
    }

    // Consumers.

    /// Adds a consumer, which must be parked, and pumped next.
    func add(_ consumer: Consumer) {
        consumerCount += 1
        if let (header, text) = consumer.subscription.selector?.equality {
            index[header, default: [:]][text, default: []].append(consumer)
        }
    }

    func remove(_ consumer: Consumer) {
        consumerCount -= 1
        turns.removeAll { $0 === consumer }
        guard let (header, text) = consumer.subscription.selector?.equality else { return }
        index[header]?[text]?.removeAll { $0 === consumer }
        if index[header]?[text]?.isEmpty == true { index[header]?[text] = nil }
        if index[header]?.isEmpty == true { index[header] = nil }
    }

    /// A consumer was pumped, and could take more than there is.
    func isIdle(_ consumer: Consumer) {
        if consumer.subscription.selector?.equality == nil { turns.append(consumer) }
    }

    /// Whose turn it is to take the message; nil when it must wait. Those that want it and cannot take it are parked.
    func taker(for message: StoredMessage) -> Consumer? {
        if !index.isEmpty, let consumer = indexedTaker(for: message) { return consumer }
        for _ in 0..<turns.count {
            let consumer = turns.removeFirst()
            guard consumer.canTake else {
                consumer.park()
                continue
            }
            turns.append(consumer)
            if consumer.wants(message) { return consumer }
        }
        return nil
    }

    private func indexedTaker(for message: StoredMessage) -> Consumer? {
        let headers = message.headers
        for (header, consumersByText) in index {
            guard let text = headers[header], let consumers = consumersByText[text] else { continue }
            guard let turn = consumers.firstIndex(where: \.canTake) else {
                for consumer in consumers { consumer.park() }
                continue
            }
            let consumer = consumers[turn]
            if consumers.count > 1 {
                index[header]?[text]?.remove(at: turn)
                index[header]?[text]?.append(consumer)
            }
            return consumer
        }
        return nil
    }

    // Messages.

    func wait(_ entry: QueueEntry) { waiting.append(entry) }

    /// Puts back what came back, before all that waits.
    func waitFirst(_ entry: QueueEntry) { waiting.prepend(entry) }

    /// Takes what a consumer gets next; it stays held.
    func next(for consumer: Consumer) -> QueueEntry? {
        guard consumer.subscription.selector != nil else { return waiting.popFirst() }
        return waiting.removeFirst { consumer.wants($0) }
    }

    func takeExpired(at now: Moment) -> [QueueEntry] { waiting.removeExpired(at: now) }

    func takeAll() -> [QueueEntry] { waiting.removeAll() }
}
