import NIOCore
import STOMP

extension VirtualHost {
    /// Performs SEND.
    func send(_ frame: Frame, from peer: Peer) throws(BrokerError) {
        var reader = SendReader(frame, expected: peer.lastDestination)
        if let name = reader.transaction {
            try sendLater(reader, frame.body, in: name, from: peer)
        } else {
            let route = try route(of: reader, from: peer)
            try publish(&reader, body: frame.body, to: route, from: peer)
        }
        if let receipt = reader.receipt { confirm(receipt, for: peer) }
    }

    /// Where a destination leads that a connection sends to.
    func route(to text: String, from peer: Peer) throws(BrokerError) -> Route {
        guard let destination = Destination(text) else { throw .invalidDestination(text) }
        if let denial = peer.access.denial(of: .send, destination) { throw .accessRefused(denial) }
        switch destination {
        case .queue(let name), .amqQueue(let name): return .queue(try queue(named: name))
        case .topic(let name): return route(to: name, in: topics)
        case .plain(let name): return route(to: name, in: plainTopics)
        case .exchange(let name, let key):
            return exchanges[name].map { route(to: key ?? "", in: $0) } ?? .nowhere
        case .replyQueue(let name): return replyQueues[name].map { .queue($0) } ?? .nowhere
        case .tempQueue(let name), .tempTopic(let name):
            guard let queue = peer.temporaries[name] else { throw .forbiddenDestination(text, command: .send) }
            return .queue(queue)
        }
    }

    /// The queue of this name; made when there is none.
    func queue(named name: String) throws(BrokerError) -> MessageQueue {
        if let queue = queues[name] { return queue }
        guard queues.count + replyQueues.count < limits.maxQueues else { throw .limit("queues", limits.maxQueues) }
        let queue = MessageQueue(name: name)
        queues[name] = queue
        return queue
    }

    private func route(to name: String, in table: TopicTable) -> Route {
        let exact = table[name]
        return exact == nil && table.patterns.isEmpty ? .nowhere : .topic(name: name, exact: exact, table)
    }

    /// Where a message goes; the same place as the last one's in nearly all cases.
    private func route(of reader: SendReader, from peer: Peer) throws(BrokerError) -> Route {
        if reader.isExpected, let route = peer.lastRoute, route.isCurrent { return route }
        let text = try destination(of: reader, from: peer)
        let route = try route(to: text, from: peer)
        // What is compared with the next SEND is what is written there; with escapes that would not be this text.
        peer.lastDestination = text.utf8.contains(UInt8(ascii: "\\")) ? [] : Array(text.utf8)
        peer.lastRoute = peer.lastDestination.isEmpty ? nil : route
        return route
    }

    /// The text of a message's destination.
    func destination(of reader: SendReader, from peer: Peer) throws(BrokerError) -> String {
        if reader.isExpected { return String(decoding: peer.lastDestination, as: UTF8.self) }
        guard let text = reader.destination else { throw .missingHeader("destination", in: .send) }
        return text
    }

    private func publish(
        _ reader: inout SendReader, body: ByteBuffer, to route: Route, from peer: Peer
    ) throws(BrokerError) {
        guard let message = try message(&reader, body: body, to: route, from: peer) else { return }
        guard case .queue(let queue) = route else {
            statistics.published += 1
            copy(message, to: route)
            return
        }
        guard hasRoom(in: queue, messages: 1, bytes: message.bytes) else {
            // A publisher that asked to be told, or whose message must not be lost, is told.
            guard reader.isPersistent || reader.receipt != nil else {
                statistics.droppedForFullQueue += 1
                return
            }
            throw .queueFull(queue.name)
        }
        if message.isLogged { try record([.stored(message, queue: queue.name)], for: peer) }
        statistics.published += 1
        put(QueueEntry(message: message), into: queue)
    }

    /// The message that a SEND makes; nil when it is over already.
    func message(
        _ reader: inout SendReader, body: ByteBuffer, to route: Route, from peer: Peer
    ) throws(BrokerError) -> StoredMessage? {
        let expires = reader.deadline(now: now, limits: limits)
        guard expires > now else {
            statistics.expired += 1
            return nil
        }
        var isLogged = false
        if case .queue(let queue) = route { isLogged = log != nil && reader.isPersistent && !queue.isTemporary }
        let replyTo = try reader.replyTo.map { text throws(BrokerError) in try replyQueue(for: text, of: peer) }
        lastID += 1
        return reader.takeMessage(
            id: lastID, idPrefix: idPrefix, replyTo: replyTo, body: body, expires: expires, isLogged: isLogged)
    }

    func hasRoom(in queue: MessageQueue, messages: Int, bytes: Int) -> Bool {
        queue.hasRoom(messages: messages, bytes: bytes, limits: limits) && storedBytes + bytes <= limits.maxStoredBytes
    }

    /// Gives a message to whoever's turn it is, or keeps it.
    func put(_ entry: QueueEntry, into queue: MessageQueue) {
        queue.published.add()
        guard let consumer = queue.taker(for: entry.message) else {
            hold(entry.message, in: queue)
            queue.wait(entry)
            return
        }
        if consumer.subscription.ack != .auto { hold(entry.message, in: queue) }
        deliver(entry, to: consumer)
        if consumer.subscription.ack == .auto { finish(entry.message) }
    }

    /// Copies a message to all subscribers of a topic.
    func copy(_ message: StoredMessage, to route: Route) {
        guard case .topic(let name, let exact, let table) = route else {
            statistics.unroutable += 1
            return
        }
        let before = statistics.delivered
        let entry = QueueEntry(message: message)
        if let exact { for consumer in exact.consumers { offer(entry, to: consumer) } }
        for (pattern, topic) in table.patterns where pattern.matches(name) {
            for consumer in topic.consumers { offer(entry, to: consumer) }
        }
        if exact == nil, statistics.delivered == before { statistics.unroutable += 1 }
    }

    private func offer(_ entry: QueueEntry, to consumer: Consumer) {
        guard consumer.wants(entry.message) else { return }
        if !consumer.isParked, consumer.canTake { return deliver(entry, to: consumer) }
        guard consumer.backlog.count < limits.maxBacklogMessages,
            consumer.backlog.bytes + entry.message.bytes <= limits.maxBacklogBytes,
            backlogBytes + entry.message.bytes <= limits.maxBacklogsBytes
        else {
            statistics.droppedForSlowSubscriber += 1
            return
        }
        consumer.backlog.append(entry)
        backlogBytes += entry.message.bytes
        consumer.park()
    }
}
