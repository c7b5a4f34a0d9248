import NIOCore
import ZMTP

/// The state of a `MessageSocket`. Owner: its event loop.
final class MessageSocketCore: ConnectionOwner {
    private struct Sender {
        let id: UInt64
        let message: Message
        let promise: EventLoopPromise<Void>
    }

    private struct Receiver {
        let id: UInt64
        let promise: EventLoopPromise<Message>
    }

    let loop: BusLoop
    private let kind: MessageSocket.Kind
    private let options: MessageSocketOptions
    private let slots: ConnectionSlots
    private let outbound: OutboundPeers
    private var topics = TopicList()
    private var targets = RoundRobin<ConnectionHandler>()
    private var received: FairQueue<ConnectionHandler, Message>
    private var senders = CircularBuffer<Sender>()
    private var receivers = CircularBuffer<Receiver>()
    private var isShutDown = false

    init(_ kind: MessageSocket.Kind, options: MessageSocketOptions, eventLoop: any EventLoop) {
        self.kind = kind
        self.options = options
        loop = BusLoop(eventLoop: eventLoop)
        slots = ConnectionSlots(limit: options.server.maxConnections)
        outbound = OutboundPeers(kind.socketType, options: options.server.connection, loop: loop)
        received = FairQueue(capacityPerPeer: options.receiveQueueMessages)
        if case .sub(let wanted) = kind { topics = TopicList(wanted) }
    }

    func accept(_ channel: any Channel) throws {
        guard let slot = slots.take(for: channel) else {
            loop.metrics.count(.tooManyConnections(limit: slots.limit))
            throw ConnectionRefused()
        }
        let handler = ConnectionHandler(
            kind.socketType, identity: options.identity, options: options.server.connection, loop: loop, owner: self)
        handler.slot = slot
        try ChannelSetup.configure(channel, options: options.server.connection, handler: handler)
    }

    func connect(to endpoint: Endpoint) {
        outbound.connect(to: endpoint, identity: options.identity, policy: options.reconnect, owner: self)
    }

    func send(_ message: Message, id: UInt64, promise: EventLoopPromise<Void>) {
        precondition(kind == .dealer || kind == .push, "only DEALER and PUSH send")
        guard !isShutDown else { return promise.fail(BusError.shutDown) }
        guard senders.count < options.maxWaitingSenders else { return promise.fail(BusError.sendQueueFull) }
        senders.append(Sender(id: id, message: message, promise: promise))
        serveSenders()
    }

    func receive(id: UInt64, promise: EventLoopPromise<Message>) {
        precondition(kind != .push, "PUSH does not receive")
        receivers.append(Receiver(id: id, promise: promise))
        serveReceivers()
    }

    /// Ends a sender or receiver whose task has been cancelled.
    func cancel(_ id: UInt64) {
        if let index = senders.firstIndex(where: { $0.id == id }) {
            senders.remove(at: index).promise.fail(CancellationError())
        }
        if let index = receivers.firstIndex(where: { $0.id == id }) {
            receivers.remove(at: index).promise.fail(CancellationError())
        }
    }

    func shutDown(within grace: TimeAmount) -> EventLoopFuture<Void> {
        isShutDown = true
        outbound.stop()
        for sender in senders { sender.promise.fail(BusError.shutDown) }
        senders.removeAll()
        serveReceivers()
        return loop.drain(within: grace)
    }

    private func serveSenders() {
        while !senders.isEmpty, let target = targets.next(where: \.isWritable), let sender = senders.popFirst() {
            _ = target.send(sender.message.wire)
            sender.promise.succeed()
        }
    }

    private func serveReceivers() {
        while let receiver = receivers.first {
            guard let (message, peer, hasRoomAgain) = received.pop() else { break }
            receivers.removeFirst()
            if hasRoomAgain { peer.resumeReading() }
            receiver.promise.succeed(message)
        }
        guard isShutDown else { return }
        for receiver in receivers { receiver.promise.fail(BusError.shutDown) }
        receivers.removeAll()
    }

    // MARK: ConnectionOwner

    func opened(_ connection: ConnectionHandler, peer: PeerProperties) {
        for topic in topics.topics { connection.subscribe(to: topic) }
        targets.add(connection)
        serveSenders()
    }

    func received(_ message: Message, on connection: ConnectionHandler) throws(ZMTPError) {
        switch kind {
        case .push: return
        case .sub where !topics.wants(message.first): return
        case .dealer, .pull, .sub: break
        }
        if !received.push(message, from: connection) { connection.pauseReading() }
        serveReceivers()
    }

    func becameWritable(_ connection: ConnectionHandler) {
        serveSenders()
    }

    func closed(_ connection: ConnectionHandler, reason: CloseReason, wasOpen: Bool) {
        targets.remove(connection)
    }
}
