package import MusterCore
import STOMP

extension VirtualHost {
    /// The queues, by name; those of single connections not included.
    package var queueSummaries: [BrokerQueue] {
        queues.values.map { queue in
            BrokerQueue(
                virtualHost: name, name: queue.name, messages: queue.waiting.count,
                unacknowledged: queue.heldCount - queue.waiting.count, bytes: queue.heldBytes,
                consumers: queue.consumerCount,
                traffic: BrokerTraffic(published: queue.published, delivered: queue.delivered))
        }.sorted { $0.name < $1.name }
    }

    /// What is subscribed to besides queues, by destination.
    package var topicSummaries: [BrokerTopic] {
        func summaries(_ table: TopicTable, _ destination: (String) -> Destination) -> [BrokerTopic] {
            table.topics.map { topic in
                BrokerTopic(
                    virtualHost: name, destination: destination(topic.name).text, subscribers: topic.consumers.count,
                    backlog: topic.consumers.reduce(0) { $0 + $1.backlog.count })
            }
        }
        let plain = summaries(topics) { .topic($0) } + summaries(plainTopics) { .plain($0) }
        let keyed = exchanges.flatMap { exchange, table in
            summaries(table) { .exchange(exchange, key: $0.isEmpty ? nil : $0) }
        }
        return (plain + keyed).sorted { $0.destination < $1.destination }
    }

    /// How many queues there are, how many messages they hold, and how many bytes; those of single connections included.
    package var load: (queues: Int, messages: Int, bytes: Int) {
        let all = [queues.values, replyQueues.values].joined()
        return (queues.count + replyQueues.count, all.reduce(0) { $0 + $1.heldCount }, storedBytes)
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
