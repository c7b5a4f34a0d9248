import DequeModule
import NIOCore
import STOMP

extension VirtualHost {
    /// Performs BEGIN.
    func begin(_ frame: Frame, from peer: Peer) throws(BrokerError) {
        let name = try transaction(frame)
        guard peer.transactions[name] == nil else { throw .duplicateTransaction(name) }
        guard peer.transactions.count < limits.maxTransactions else {
            throw .limit("transactions", limits.maxTransactions)
        }
        peer.transactions[name] = Transaction()
        confirm(frame, for: peer)
    }

    /// Performs ABORT. Messages that were acknowledged in the transaction are held still.
    func abort(_ frame: Frame, from peer: Peer) throws(BrokerError) {
        let name = try transaction(frame)
        guard let transaction = peer.transactions.removeValue(forKey: name) else { throw .unknownTransaction(name) }
        transactionBytes -= transaction.bytes
        confirm(frame, for: peer)
    }

    /// Performs COMMIT: everything, or, when it fails, nothing.
    func commit(_ frame: Frame, from peer: Peer) throws(BrokerError) {
        let name = try transaction(frame)
        guard let transaction = peer.transactions.removeValue(forKey: name) else { throw .unknownTransaction(name) }
        transactionBytes -= transaction.bytes
        let sends = try messages(of: transaction, from: peer)
        try checkRoom(for: sends)
        let stored = sends.compactMap { send -> LogEntry? in
            guard case .queue(let queue) = send.route, send.message.isLogged else { return nil }
            return .stored(send.message, queue: queue.name)
        }
        let done = messagesDone(in: transaction).map { LogEntry.done(id: $0) }
        try record(stored + done, for: peer)
        for send in sends {
            statistics.published += 1
            if case .queue(let queue) = send.route {
                put(QueueEntry(message: send.message), into: queue)
            } else {
                copy(send.message, to: send.route)
            }
        }
        for operation in transaction.operations { judge(operation) }
        confirm(frame, for: peer)
    }

    /// Keeps a SEND for COMMIT.
    func sendLater(_ reader: SendReader, _ body: ByteBuffer, in name: String, from peer: Peer) throws(BrokerError) {
        guard peer.transactions[name] != nil else { throw .unknownTransaction(name) }
        let destination = try destination(of: reader, from: peer)
        // Refused now rather than at COMMIT, where it would take all others with it.
        _ = try route(to: destination, from: peer)
        // A copy, since the body is a slice of all that was read with it.
        let own = ByteBuffer(bytes: body.readableBytesView)
        try later(.send(reader, body: own, destination: destination), in: name, from: peer)
    }

    func later(_ operation: Transaction.Operation, in name: String, from peer: Peer) throws(BrokerError) {
        guard var transaction = peer.transactions.removeValue(forKey: name) else { throw .unknownTransaction(name) }
        // Its bytes count until the connection has left, also when this is refused: that ends the connection.
        defer { peer.transactions[name] = transaction }
        try transaction.append(operation, limits: limits)
        transactionBytes += operation.bytes
        guard peer.transactions.values.reduce(transaction.bytes, { $0 + $1.bytes }) <= limits.maxTransactionBytes else {
            throw .limit("bytes in open transactions", limits.maxTransactionBytes)
        }
        guard transactionBytes <= limits.maxTransactionsBytes else {
            throw .limit("bytes in the open transactions of all clients", limits.maxTransactionsBytes)
        }
    }

    private func transaction(_ frame: Frame) throws(BrokerError) -> String {
        guard let name = frame.headers["transaction"] else { throw .missingHeader("transaction", in: frame.command) }
        return name
    }

    private typealias Send = (message: StoredMessage, route: Route)

    private func messages(of transaction: Transaction, from peer: Peer) throws(BrokerError) -> [Send] {
        var sends: [Send] = []
        for operation in transaction.operations {
            guard case .send(var reader, let body, let destination) = operation else { continue }
            let route = try route(to: destination, from: peer)
            guard let message = try message(&reader, body: body, to: route, from: peer) else { continue }
            sends.append((message, route))
        }
        return sends
    }

    private func checkRoom(for sends: [Send]) throws(BrokerError) {
        var sums: [String: (queue: MessageQueue, messages: Int, bytes: Int)] = [:]
        for send in sends {
            guard case .queue(let queue) = send.route else { continue }
            let sum = sums[queue.name] ?? (queue, 0, 0)
            sums[queue.name] = (queue, sum.messages + 1, sum.bytes + send.message.bytes)
        }
        for sum in sums.values where !hasRoom(in: sum.queue, messages: sum.messages, bytes: sum.bytes) {
            throw .queueFull(sum.queue.name)
        }
    }

    /// The ids of the logged messages that the transaction acknowledges.
    private func messagesDone(in transaction: Transaction) -> Set<UInt64> {
        var ids: Set<UInt64> = []
        for operation in transaction.operations {
            guard case .acknowledge(let consumer, let id) = operation,
                let index = consumer.unacknowledged.firstIndex(where: { $0.message.id == id })
            else { continue }
            let covered = consumer.subscription.ack == .client ? 0...index : index...index
            ids.formUnion(consumer.unacknowledged[covered].filter(\.message.isLogged).map(\.message.id))
        }
        return ids
    }

    private func judge(_ operation: Transaction.Operation) {
        // An ACK before it may have covered this one.
        func entries(_ consumer: Consumer, _ id: UInt64) -> [QueueEntry]? {
            consumer.unacknowledged.firstIndex { $0.message.id == id }.map { take(through: $0, of: consumer) }
        }
        switch operation {
        case .send: break
        case .acknowledge(let consumer, let id):
            if let entries = entries(consumer, id) { complete(entries, of: consumer) }
        case .refuse(let consumer, let id):
            if let entries = entries(consumer, id) {
                giveBack(entries, of: consumer)
                revive(consumer)
            }
        }
    }
}
