public import NIOCore

extension ClientSession {
    /// Bytes to write, and the receipt to wait for.
    public struct Outgoing: Sendable, Equatable {
        public let bytes: ByteBuffer
        /// The receipt that was asked for.
        public let receipt: String?
    }

    /// Whether the server is asked to confirm.
    public enum Confirmation: Sendable, Hashable {
        case none
        case receipt
    }

    /// Subscribes. When the session is not connected the next connection begins with it, and there is nothing to write.
    public mutating func subscribe(
        to subscription: Subscription, confirmation: Confirmation = .none
    ) throws(STOMPError) -> Outgoing? {
        guard !subscriptions.contains(where: { $0.id == subscription.id }) else {
            throw .duplicateSubscription(id: subscription.id)
        }
        guard isConnected else {
            keep(subscription)
            return nil
        }
        let outgoing = try write(confirmation) { subscription.subscribe(receipt: $0) }
        keep(subscription)
        return outgoing
    }

    /// Ends a subscription; its deliveries that are under way still come.
    public mutating func unsubscribe(
        _ id: String, confirmation: Confirmation = .none
    ) throws(STOMPError) -> Outgoing? {
        guard let subscription = forget(id) else { throw .unknownSubscription(id: id) }
        guard isConnected else { return nil }
        return try write(confirmation) { subscription.unsubscribe(receipt: $0) }
    }

    /// Sends a message.
    ///
    /// - Parameter headers: All but `destination`, `receipt`, `transaction` and `content-length`.
    public mutating func send(
        _ body: ByteBuffer, to destination: String, headers: Headers = Headers(), transaction: String? = nil,
        confirmation: Confirmation = .none
    ) throws(STOMPError) -> Outgoing {
        try write(confirmation) { receipt in
            var headers = headers
            headers.append("destination", destination)
            if let transaction { headers.append("transaction", transaction) }
            if let receipt { headers.append("receipt", receipt) }
            return Frame(.send, headers: headers, body: body)
        }
    }

    /// Says that a delivery is done with; in ack mode `client`, all before it, too.
    public mutating func acknowledge(
        _ delivery: Delivery, transaction: String? = nil, confirmation: Confirmation = .none
    ) throws(STOMPError) -> Outgoing {
        try verdict(.ack, on: delivery, transaction: transaction, confirmation: confirmation)
    }

    /// Gives a delivery back, undone. What becomes of it is the broker's affair: RabbitMQ puts it at the head of the queue
    /// again, ActiveMQ into the dead-letter queue.
    public mutating func refuse(
        _ delivery: Delivery, transaction: String? = nil, confirmation: Confirmation = .none
    ) throws(STOMPError) -> Outgoing {
        guard version > .v1_0 else { throw .nackUnsupported }
        return try verdict(.nack, on: delivery, transaction: transaction, confirmation: confirmation)
    }

    /// Begins a transaction.
    ///
    /// - Returns: Its name, and what to write.
    public mutating func begin() throws(STOMPError) -> (transaction: String, outgoing: Outgoing) {
        let name = "t\(nextID())"
        let outgoing = try write(.none) { _ in Frame(.begin, headers: Headers(["transaction": name])) }
        return (name, outgoing)
    }

    /// Makes what was sent and acknowledged in a transaction happen.
    public mutating func commit(
        _ transaction: String, confirmation: Confirmation = .receipt
    ) throws(STOMPError) -> Outgoing { try end(transaction, .commit, confirmation) }

    /// Makes what was sent and acknowledged in a transaction not have happened.
    public mutating func abort(
        _ transaction: String, confirmation: Confirmation = .none
    ) throws(STOMPError) -> Outgoing { try end(transaction, .abort, confirmation) }

    /// Says goodbye; `.disconnected` follows when the server has taken everything sent before.
    public mutating func disconnect(at now: NIODeadline) throws(STOMPError) -> ByteBuffer {
        let outgoing = try write(.receipt) { receipt in
            var headers = Headers()
            if let receipt { headers.append("receipt", receipt) }
            return Frame(.disconnect, headers: headers)
        }
        awaitFarewell(receipt: outgoing.receipt ?? "", at: now)
        return outgoing.bytes
    }

    private mutating func verdict(
        _ command: Command, on delivery: Delivery, transaction: String?, confirmation: Confirmation
    ) throws(STOMPError) -> Outgoing {
        guard isCurrent(delivery) else { throw .staleDelivery }
        let version = version
        return try write(confirmation) {
            delivery.verdict(command, version: version, transaction: transaction, receipt: $0)
        }
    }

    private mutating func end(
        _ transaction: String, _ command: Command, _ confirmation: Confirmation
    ) throws(STOMPError) -> Outgoing {
        try write(confirmation) { receipt in
            var headers = Headers(["transaction": transaction])
            if let receipt { headers.append("receipt", receipt) }
            return Frame(command, headers: headers)
        }
    }
}
