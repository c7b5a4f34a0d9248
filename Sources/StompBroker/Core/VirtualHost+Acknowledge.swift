import DequeModule
import STOMP

extension VirtualHost {
    /// Performs ACK.
    func acknowledge(_ frame: Frame, from peer: Peer) throws(BrokerError) {
        let (consumer, index) = try delivery(of: frame, from: peer)
        if let name = frame.headers["transaction"] {
            let id = consumer.unacknowledged[index].message.id
            try later(.acknowledge(consumer, messageID: id), in: name, from: peer)
        } else {
            let entries = take(through: index, of: consumer)
            finish(entries, for: peer)
            complete(entries, of: consumer)
        }
        confirm(frame, for: peer)
    }

    /// Performs NACK: the message is delivered again, to whoever's turn it is, until it has been so too often.
    func refuse(_ frame: Frame, from peer: Peer) throws(BrokerError) {
        guard peer.version > .v1_0 else { throw .unexpectedCommand(.nack) }
        let (consumer, index) = try delivery(of: frame, from: peer)
        if let name = frame.headers["transaction"] {
            let id = consumer.unacknowledged[index].message.id
            try later(.refuse(consumer, messageID: id), in: name, from: peer)
        } else {
            giveBack(take(through: index, of: consumer), of: consumer)
            revive(consumer)
        }
        confirm(frame, for: peer)
    }

    /// Takes what an ACK or NACK covers from its consumer: one message, or all up to it.
    func take(through index: Int, of consumer: Consumer) -> [QueueEntry] {
        guard consumer.subscription.ack == .client else { return [consumer.unacknowledged.remove(at: index)] }
        let entries = Array(consumer.unacknowledged.prefix(index + 1))
        consumer.unacknowledged.removeFirst(index + 1)
        return entries
    }

    /// Messages are done with; the log knows.
    func complete(_ entries: [QueueEntry], of consumer: Consumer) {
        statistics.acknowledged += UInt64(entries.count)
        if let queue = consumer.queue {
            for entry in entries { release(entry.message, from: queue) }
        }
        revive(consumer)
        if let queue = consumer.queue { reap(queue) }
    }

    /// A consumer has credit again.
    func revive(_ consumer: Consumer) {
        if consumer.isCancelled {
            if consumer.unacknowledged.isEmpty { consumer.peer.holders.removeAll { $0 === consumer } }
        } else if consumer.isParked, consumer.canTake {
            pump(consumer)
        }
    }

    /// Which delivery an ACK or NACK means.
    ///
    /// 1.2 names it by `id`, which is what the `ack` header of MESSAGE said; 1.1 by `message-id` and `subscription`; 1.0 by
    /// `message-id` alone. Tolerance: 1.1 without a `subscription` (ruby-stomp).
    private func delivery(of frame: Frame, from peer: Peer) throws(BrokerError) -> (Consumer, index: Int) {
        let header = peer.version == .v1_2 ? "id" : "message-id"
        guard let text = frame.headers[header] else { throw .missingHeader(header, in: frame.command) }
        guard let id = messageID(text) else { throw .unknownMessage(text) }
        let subscription = frame.headers["subscription"]
        let number = text.split(separator: "@", maxSplits: 1).first.flatMap { Int($0) }
        for consumer in peer.holders {
            let isMeant =
                peer.version == .v1_2
                ? consumer.number == number : subscription.map { $0 == consumer.subscription.key } ?? true
            guard isMeant, let index = consumer.unacknowledged.firstIndex(where: { $0.message.id == id }) else {
                continue
            }
            return (consumer, index)
        }
        throw .unknownMessage(text)
    }

    /// The number at the end of a message id.
    private func messageID(_ text: String) -> UInt64? {
        let digits = text.utf8.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return UInt64(String(decoding: digits.reversed(), as: UTF8.self))
    }
}
