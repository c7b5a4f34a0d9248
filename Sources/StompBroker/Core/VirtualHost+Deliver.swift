import DequeModule
import NIOCore
import STOMP

extension VirtualHost {
    /// Hands a message out. One that its consumer need not acknowledge is done with; the caller says so to the queue.
    func deliver(_ entry: QueueEntry, to consumer: Consumer) {
        let peer = consumer.peer
        let head = consumer.head(for: entry, idPrefix: idPrefix)
        let tail = entry.message.tail(for: peer.version.escaping)
        peer.pendingBytes += head.readableBytes + tail.readableBytes
        if consumer.subscription.ack != .auto { consumer.unacknowledged.append(entry) }
        statistics.delivered += 1
        if case .queue(let queue) = consumer.source { queue.delivered.add() }
        perform(.deliver(head: head, tail: tail, peer))
    }

    /// Gives a consumer that was parked, or is new, what it can take.
    func pump(_ consumer: Consumer) {
        consumer.unpark()
        switch consumer.source {
        case .queue(let queue): pump(consumer, from: queue)
        case .topic:
            while consumer.canTake, let entry = consumer.backlog.popFirst() {
                backlogBytes -= entry.message.bytes
                if entry.message.expires <= now { statistics.expired += 1 } else { deliver(entry, to: consumer) }
            }
            if !consumer.backlog.isEmpty { consumer.park() }
        }
    }

    private func pump(_ consumer: Consumer, from queue: MessageQueue) {
        while consumer.canTake {
            guard let entry = queue.next(for: consumer) else { return queue.isIdle(consumer) }
            guard entry.message.expires > now else {
                expire([entry], from: queue)
                continue
            }
            deliver(entry, to: consumer)
            if consumer.subscription.ack == .auto {
                release(entry.message, from: queue)
                finish(entry.message)
            }
        }
        consumer.park()
    }

    // What queues hold.

    func hold(_ message: StoredMessage, in queue: MessageQueue) {
        queue.hold(message)
        storedBytes += message.bytes
    }

    func release(_ message: StoredMessage, from queue: MessageQueue) {
        queue.release(message)
        storedBytes -= message.bytes
    }

    /// Tells the log that messages are done with.
    ///
    /// A log that is full forgets that they are: after a restart they are delivered once more, which is what every consumer
    /// of persistent messages must be ready for.
    ///
    /// - Parameter peer: Whose receipts wait for that; nil for nobody's.
    func finish(_ entries: some Sequence<QueueEntry>, for peer: Peer? = nil) {
        guard log != nil else { return }
        try? record(entries.filter(\.message.isLogged).map { LogEntry.done(id: $0.message.id) }, for: peer)
    }

    /// Tells the log that a message is done with.
    func finish(_ message: StoredMessage) {
        if message.isLogged { try? record([.done(id: message.id)], for: nil) }
    }

    func expire(_ entries: [QueueEntry], from queue: MessageQueue) {
        statistics.expired += UInt64(entries.count)
        for entry in entries { release(entry.message, from: queue) }
        finish(entries)
    }

    /// Takes back what a consumer had and has not acknowledged: it goes to the next one, or to the head of the queue.
    func giveBack(_ entries: some BidirectionalCollection<QueueEntry>, of consumer: Consumer) {
        statistics.returned += UInt64(entries.count)
        guard let queue = consumer.queue, !queue.isGone else { return }
        var left: [QueueEntry] = []
        for entry in entries {
            var entry = entry
            entry.redeliveries += 1
            if entry.message.expires <= now {
                expire([entry], from: queue)
            } else if entry.redeliveries > limits.maxRedeliveries, queue.name != limits.deadLetterQueue {
                release(entry.message, from: queue)
                bury(entry.message)
            } else if let next = queue.taker(for: entry.message) {
                deliver(entry, to: next)
                if next.subscription.ack == .auto {
                    release(entry.message, from: queue)
                    finish(entry.message)
                }
            } else {
                left.append(entry)
            }
        }
        for entry in left.reversed() { queue.waitFirst(entry) }
        reap(queue)
    }

    /// Moves a message that nobody can do anything with to the dead-letter queue.
    private func bury(_ message: StoredMessage) {
        guard let graves = try? queue(named: limits.deadLetterQueue),
            hasRoom(in: graves, messages: 1, bytes: message.bytes)
        else {
            // No place is left for it; it is counted among those that full queues cost.
            statistics.droppedForFullQueue += 1
            return finish(message)
        }
        statistics.deadLettered += 1
        // When the log is full the message stays where it was there, and is tried again after a restart.
        if message.isLogged { try? record([.moved(id: message.id, queue: graves.name)], for: nil) }
        put(QueueEntry(message: message), into: graves)
    }

    /// Forgets a queue that has nothing in it and that nobody uses: reply queues have a name for each request.
    func reap(_ queue: MessageQueue) {
        guard queue.isUnused, !queue.isTemporary, !queue.isGone else { return }
        queue.isGone = true
        queues[queue.name] = nil
    }

    /// Takes a temporary queue away, with what is in it.
    func drop(_ queue: MessageQueue) {
        for entry in queue.takeAll() { release(entry.message, from: queue) }
        queue.isGone = true
        replyQueues[queue.name] = nil
    }
}
