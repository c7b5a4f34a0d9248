import STOMP

extension VirtualHost {
    /// Performs SUBSCRIBE.
    func subscribe(_ frame: Frame, from peer: Peer) throws(BrokerError) {
        let request = try SubscriptionRequest(frame, version: peer.version, limits: limits)
        let destination = request.destination
        if let denial = peer.access.denial(of: .subscribe, destination) { throw .accessRefused(denial) }
        // Who subscribes to the queue of its own `reply-to`, as ActiveMQ's clients do, takes it over.
        if case .tempQueue = destination, let implicit = peer.consumers[destination.text],
            request.key != destination.text
        {
            peer.consumers[destination.text] = nil
            end(implicit)
        }
        guard peer.consumers[request.key] == nil else { throw .duplicateSubscription(request.key) }
        guard peer.consumers.count < limits.maxSubscriptions else {
            throw .limit("subscriptions", limits.maxSubscriptions)
        }
        let source = try source(of: request, from: peer)
        let consumer = Consumer(request, number: peer.nextNumber(), source: source, peer: peer)
        confirm(frame, for: peer)
        begin(consumer)
    }

    /// Performs UNSUBSCRIBE. What the consumer holds may still be acknowledged.
    ///
    /// Tolerances: by destination in 1.0, and both at once (ruby-stomp).
    func unsubscribe(_ frame: Frame, from peer: Peer) throws(BrokerError) {
        guard let key = frame.headers["id"] ?? frame.headers["destination"] else {
            throw .missingHeader("id", in: .unsubscribe)
        }
        let destination = frame.headers["destination"]
        let named = peer.consumers[key] ?? destination.flatMap { peer.consumers[$0] }
        let byDestination = { peer.consumers.values.first { $0.subscription.destination.text == destination } }
        guard let consumer = named ?? byDestination() else { throw .unknownSubscription(key) }
        peer.consumers[consumer.subscription.key] = nil
        end(consumer)
        if consumer.unacknowledged.isEmpty { peer.holders.removeAll { $0 === consumer } }
        confirm(frame, for: peer)
    }

    /// A consumer begins, and gets what waits.
    func begin(_ consumer: Consumer) {
        consumer.peer.consumers[consumer.subscription.key] = consumer
        if consumer.subscription.ack != .auto { consumer.peer.holders.append(consumer) }
        switch consumer.source {
        case .queue(let queue):
            queue.add(consumer)
            pump(consumer)
        case .topic(let topic, let table): table.add(consumer, to: topic)
        }
    }

    /// A consumer gets nothing any more; it may hold messages still.
    func end(_ consumer: Consumer) {
        guard !consumer.isCancelled else { return }
        consumer.isCancelled = true
        backlogBytes -= consumer.backlog.bytes
        consumer.backlog = PriorityList()
        switch consumer.source {
        case .queue(let queue):
            queue.remove(consumer)
            reap(queue)
        case .topic(let topic, let table):
            table.remove(consumer, from: topic)
            if table.isEmpty { exchanges = exchanges.filter { $0.value !== table } }
        }
    }

    private func source(of request: SubscriptionRequest, from peer: Peer) throws(BrokerError) -> Consumer.Source {
        switch request.destination {
        case .queue(let name), .amqQueue(let name): return .queue(try queue(named: name))
        case .tempQueue(let name), .tempTopic(let name): return .queue(try temporaryQueue(name, of: peer))
        case .replyQueue: throw .forbiddenDestination(request.destination.text, command: .subscribe)
        case .topic(let name): return .topic(topics.topic(for: name), topics)
        case .plain(let name): return .topic(plainTopics.topic(for: name), plainTopics)
        case .exchange(let name, let key):
            let table = exchanges[name] ?? TopicTable()
            exchanges[name] = table
            return .topic(table.topic(for: key ?? ""), table)
        }
    }
}
