import NIOCore
import Synchronization
import ZMTP

/// Messages on their way to one loop of a publisher; bounded, from any thread.
final class PublisherInbox: Sendable {
    private struct State {
        var messages: [Message] = []
        var isScheduled = false
        var refused = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// - Returns: Whether it was taken, and whether the loop must be woken.
    func push(_ message: Message) -> (isTaken: Bool, mustWake: Bool) {
        state.withLock { state in
            guard state.messages.count < capacity else {
                state.refused += 1
                return (false, false)
            }
            state.messages.append(message)
            defer { state.isScheduled = true }
            return (true, !state.isScheduled)
        }
    }

    /// All that has come since the last call.
    func takeAll() -> [Message] {
        state.withLock { state in
            state.isScheduled = false
            defer { state.messages = [] }
            return state.messages
        }
    }

    /// How many messages found the inbox full.
    var refused: Int { state.withLock { $0.refused } }
}

/// The subscribers of a `PublisherServer` on one event loop. Owner: that loop.
final class PublisherLoop: ConnectionOwner {
    /// Messages are merged up to this size before they are written to each peer.
    private static let chunkBytes = 64 << 10

    let loop: BusLoop
    let inbox: PublisherInbox
    let outbound: OutboundPeers
    private let options: ConnectionOptions
    private let slots: ConnectionSlots
    private let delegate: (any PublisherServerDelegate)?
    private var index: SubscriptionIndex<ConnectionHandler>

    init(
        eventLoop: any EventLoop,
        options: PublisherOptions,
        maxHeldBytes: Int,
        slots: ConnectionSlots,
        inbox: PublisherInbox,
        delegate: (any PublisherServerDelegate)?
    ) {
        loop = BusLoop(eventLoop: eventLoop, maxHeldBytes: maxHeldBytes)
        self.options = options.server.connection
        self.slots = slots
        self.inbox = inbox
        self.delegate = delegate
        outbound = OutboundPeers(.pub, options: options.server.connection, loop: loop)
        index = SubscriptionIndex(maxTopicsPerPeer: options.maxTopicsPerPeer, maxTopicBytes: options.maxTopicBytes)
    }

    var subscribers: [Subscriber] {
        loop.connections.filter(\.isOpen).map { connection in
            Subscriber(
                address: connection.remoteAddress,
                connectedAt: connection.openedAt ?? loop.eventLoop.now,
                topics: index.topics(of: connection),
                waitingMessages: connection.waiting.messages,
                droppedMessages: connection.droppedMessages)
        }
    }

    func accept(_ channel: any Channel) throws {
        guard let slot = slots.take(for: channel) else {
            let reason = CloseReason.tooManyConnections(limit: slots.limit)
            loop.metrics.count(reason)
            delegate?.subscriberRefused(from: channel.remoteAddress, reason: reason)
            throw ConnectionRefused()
        }
        let handler = ConnectionHandler(.pub, options: options, loop: loop, owner: self)
        handler.slot = slot
        try ChannelSetup.configure(channel, options: options, handler: handler)
    }

    /// Sends all that is in the inbox to all that want it.
    func publishInbox() {
        let messages = inbox.takeAll()
        guard !messages.isEmpty else { return }
        let everywhere = index.subscribersToEverything
        if !everywhere.isEmpty { broadcast(messages, to: everywhere) }
        guard index.hasFilters else { return }
        for message in messages {
            for connection in index.filteredSubscribers(of: message.first) {
                send(message.wire, CollectionOfOne(message), to: connection)
            }
        }
    }

    /// Merges small messages first, so that each peer costs one write for many of them.
    private func broadcast(_ messages: [Message], to connections: Set<ConnectionHandler>) {
        var start = 0
        while start < messages.count {
            var end = start + 1
            var bytes = messages[start].wire.readableBytes
            while end < messages.count, bytes + messages[end].wire.readableBytes <= PublisherLoop.chunkBytes {
                bytes += messages[end].wire.readableBytes
                end += 1
            }
            var chunk = messages[start].wire
            if end > start + 1 {
                chunk = ByteBuffer()
                chunk.reserveCapacity(bytes)
                for message in messages[start..<end] { chunk.writeImmutableBuffer(message.wire) }
            }
            for connection in connections { send(chunk, messages[start..<end], to: connection) }
            start = end
        }
    }

    private func send(_ wire: ByteBuffer, _ messages: some Collection<Message>, to connection: ConnectionHandler) {
        guard connection.sendShared(wire, messages: messages) else { return }
        delegate?.subscriberFellBehind(at: connection.remoteAddress, waitingMessages: connection.waiting.messages)
    }

    func opened(_ connection: ConnectionHandler, peer: PeerProperties) {
        delegate?.subscriberConnected(from: connection.remoteAddress)
    }

    func subscribed(to topic: ByteBuffer, on connection: ConnectionHandler) throws(ZMTPError) {
        guard try index.subscribe(connection, to: topic) else { return }
        delegate?.topicAdded(Array(topic.readableBytesView), on: loop.eventLoop)
    }

    func cancelled(_ topic: ByteBuffer, on connection: ConnectionHandler) {
        guard index.cancel(connection, topic: topic) else { return }
        delegate?.topicRemoved(Array(topic.readableBytesView), on: loop.eventLoop)
    }

    func closed(_ connection: ConnectionHandler, reason: CloseReason, wasOpen: Bool) {
        for topic in index.remove(connection) { delegate?.topicRemoved(topic, on: loop.eventLoop) }
        if wasOpen {
            delegate?.subscriberDisconnected(
                from: connection.remoteAddress, reason: reason, droppedMessages: connection.droppedMessages)
        } else {
            delegate?.subscriberRefused(from: connection.remoteAddress, reason: reason)
        }
    }
}
