import STOMP

/// Queues of one connection, which others may only send to, by a name that nobody guesses.
///
/// A SEND with `reply-to:/temp-queue/NAME` makes one, subscribes its sender, and shows the receiver `/reply-queue/SECRET`,
/// as RabbitMQ does. A SUBSCRIBE to `/temp-queue/NAME` makes the same, with the subscriber's own id, as ActiveMQ's clients
/// want it. They go when the connection does.
extension VirtualHost {
    /// What the receiver of a message sees as `reply-to`.
    func replyQueue(for replyTo: String, of peer: Peer) throws(BrokerError) -> String {
        guard case .tempQueue(let name) = Destination(replyTo) else { return replyTo }
        let isNew = peer.temporaries[name] == nil
        if isNew, let denial = peer.access.denial(of: .subscribe, .tempQueue(name)) { throw .accessRefused(denial) }
        let queue = try temporaryQueue(name, of: peer)
        if isNew {
            let request = SubscriptionRequest(temporaryQueue: name)
            guard peer.consumers[request.key] == nil else { throw .duplicateSubscription(request.key) }
            begin(Consumer(request, number: peer.nextNumber(), source: .queue(queue), peer: peer))
        }
        return Destination.replyQueue(queue.name).text
    }

    func temporaryQueue(_ name: String, of peer: Peer) throws(BrokerError) -> MessageQueue {
        if let queue = peer.temporaries[name] { return queue }
        guard peer.temporaries.count < limits.maxTemporaryQueues else {
            throw .limit("temporary queues", limits.maxTemporaryQueues)
        }
        guard queues.count + replyQueues.count < limits.maxQueues else { throw .limit("queues", limits.maxQueues) }
        let queue = MessageQueue(name: makeSecretName(), isTemporary: true)
        peer.temporaries[name] = queue
        replyQueues[queue.name] = queue
        return queue
    }
}
