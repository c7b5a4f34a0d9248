extension VirtualHost {
    /// The queues, by name; those of single connections not included.
    package var queueSummaries: [QueueSummary] {
        queues.values.map { queue in
            QueueSummary(
                name: queue.name, waiting: queue.waiting.count,
                unacknowledged: queue.heldCount - queue.waiting.count, bytes: queue.heldBytes,
                consumers: queue.consumerCount)
        }.sorted { $0.name < $1.name }
    }

    /// Removes what waits in a queue; what consumers hold stays theirs.
    ///
    /// - Returns: How many messages; nil when there is no such queue.
    package func purge(_ name: String) -> Int? {
        guard let queue = queues[name] else { return nil }
        let entries = queue.takeAll()
        for entry in entries { release(entry.message, from: queue) }
        finish(entries)
        reap(queue)
        return entries.count
    }

    /// Puts back what the log had, before the first connection; call it in the order of the log.
    ///
    /// - Parameter message: Must be logged. Limits are not asked: what was accepted is kept.
    package func restore(_ message: StoredMessage, to name: String) {
        lastID = max(lastID, message.id)
        let queue = queues[name] ?? MessageQueue(name: name)
        queues[name] = queue
        hold(message, in: queue)
        queue.wait(QueueEntry(message: message))
    }

    /// No message that is made from now on gets an id up to this one.
    package func reserveIDs(upTo id: UInt64) { lastID = max(lastID, id) }
}
