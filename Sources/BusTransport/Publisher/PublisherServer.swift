package import NIOCore
package import ZMTP

/// How a `PublisherServer` listens and what it keeps for its subscribers.
package struct PublisherOptions: Sendable {
    /// What is taken from a subscriber is small by default: it sends subscriptions only.
    package var server = ServerOptions()
    /// Topics of one subscriber.
    package var maxTopicsPerPeer = 1024
    /// The longest topic that may be subscribed to.
    package var maxTopicBytes = 255
    /// Messages that may wait for one event loop.
    package var inboxMessages = 65_536

    package init() {
        server.connection.limits = Limits(maxFrameBytes: 64 << 10, maxFrames: 16)
        server.connection.sendQueue = SendQueueLimits(messages: 1000, bytes: 64 << 20)
        server.maxHeldBytes = 128 << 20
    }
}

/// One connected subscriber, as seen at one moment.
package struct Subscriber: Sendable {
    package let address: SocketAddress?
    /// When its handshake ended.
    package let connectedAt: NIODeadline
    /// The prefixes it wants; not sorted, empty when it has not subscribed yet.
    package let topics: Set<[UInt8]>
    /// Messages that wait because it does not read.
    package let waitingMessages: Int
    package let droppedMessages: Int
}

/// A PUB socket that listens: what is published goes to every subscriber that wants it.
///
/// A message is encoded once and shared by all. Each loop takes what has come together since its last turn, merges it,
/// and writes once to each peer: one message goes out at once, thousands cost little more. A peer that does not read
/// has up to its high-water mark waiting, and then loses messages, which are counted.
package final class PublisherServer: Sendable {
    private let loops: LoopStates<PublisherLoop>
    private let inboxes: [(loop: any EventLoop, inbox: PublisherInbox)]
    private let listener: Listener
    private let slots: ConnectionSlots

    /// - Parameter group: The caller's; it must outlive the server.
    package init(
        group: any EventLoopGroup,
        options: PublisherOptions = PublisherOptions(),
        delegate: (any PublisherServerDelegate)? = nil
    ) {
        let slots = ConnectionSlots(limit: options.server.maxConnections)
        let inboxes = group.makeIterator().map { loop in
            (loop: loop as any EventLoop, inbox: PublisherInbox(capacity: options.inboxMessages))
        }
        let share = options.server.maxHeldBytes / group.loopCount
        let loops = LoopStates(group) { loop in
            PublisherLoop(
                eventLoop: loop, options: options, maxHeldBytes: share, slots: slots,
                inbox: inboxes.first { $0.loop === loop }?.inbox ?? PublisherInbox(capacity: 0), delegate: delegate)
        }
        self.inboxes = inboxes
        self.slots = slots
        self.loops = loops
        listener = Listener(group: group, options: options.server) { channel in
            try loops(on: channel.eventLoop).accept(channel)
        } acceptFailed: { error in
            delegate?.acceptFailed(error.description)
        }
    }

    /// Listens at all these endpoints, or throws a `BusError` and listens at none of them.
    ///
    /// - Returns: The real addresses, in the same order.
    package func bind(to endpoints: [Endpoint]) async throws -> [SocketAddress] {
        try await listener.bind(to: endpoints)
    }

    /// Connects to a subscriber that listens, and connects again whenever the connection is lost; beside or instead of
    /// `bind`.
    package func connect(to endpoint: Endpoint, reconnect policy: ReconnectPolicy = ReconnectPolicy()) {
        loops.onFirst { $0.outbound.connect(to: endpoint, identity: ByteBuffer(), policy: policy, owner: $0) }
    }

    /// Publishes one message; from any thread, without waiting.
    ///
    /// Messages published from one thread arrive in that order.
    ///
    /// - Parameter frames: The first one is the topic.
    /// - Returns: False when a loop is so far behind that its inbox is full: its subscribers do not get the message.
    @discardableResult
    package func publish(_ frames: [ByteBuffer]) -> Bool {
        publish(Message(frames))
    }

    @discardableResult
    package func publish(_ message: Message) -> Bool {
        var isTaken = true
        for (loop, inbox) in inboxes {
            let push = inbox.push(message)
            if push.mustWake { loop.execute { self.loops(on: loop).publishInbox() } }
            isTaken = isTaken && push.isTaken
        }
        return isTaken
    }

    /// Everyone whose handshake is over; not sorted.
    package func subscribers() async -> [Subscriber] {
        await loops.map { $0.subscribers }.flatMap(\.self)
    }

    /// How many connections are taken, those in their handshake included, and how many there may be.
    package var connectionUse: (used: Int, limit: Int) { (slots.used, slots.limit) }

    /// The counters of all loops together; a message that found an inbox full counts as dropped once for that loop.
    package func metrics() async -> BusMetrics {
        var sum = await loops.map { $0.loop.metrics }.reduce(BusMetrics(), +)
        sum.acceptFailures = listener.acceptFailures
        sum.droppedMessages += inboxes.reduce(0) { $0 + $1.inbox.refused }
        return sum
    }

    /// Stops to accept, sends what waits for at most `grace`, and closes.
    package func shutdown(within grace: TimeAmount) async {
        await listener.stop()
        await loops.waitForAll { state in
            state.outbound.stop()
            state.publishInbox()
            return state.loop.drain(within: grace)
        }
    }
}
