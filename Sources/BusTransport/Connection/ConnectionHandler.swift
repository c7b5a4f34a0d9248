import NIOCore
import ZMTP

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One ZMTP connection: runs a `Session` on a channel, its time (`ConnectionTimer`), and what waits for the peer
/// (`SendQueue`).
///
///     handshaking --READY--> open --closeWhenSent--> draining
///          |                  |                         |
///          +------------------+--------- close ---------+---> closed
///
/// Writes are collected and flushed once per tick (`BusLoop`). While the peer does not read, we do not read from it
/// either, so replies cannot pile up; messages that it did not ask for wait in a bounded queue, and `send` says so
/// when that is full.
///
/// Owner: the channel's event loop.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private enum Phase { case handshaking, open, draining, closed }

    /// Above this a write is not copied into the collecting buffer.
    private static let collectBytes = 8 << 10
    /// The collecting buffer is handed on when it has this many bytes.
    private static let chunkBytes = 64 << 10

    /// The ROUTER's handle for this connection, while it is open.
    var routerConnection: RouterConnection?
    /// Its place among the connections of a server; nil for one that we made.
    var slot: ConnectionSlots.Slot?
    private(set) var remoteAddress: SocketAddress?
    private(set) var openedAt: NIODeadline?
    private(set) var droppedMessages = 0
    /// Whether the owner knows who the peer is: others lose their unfinished messages first.
    var isTrusted = false
    /// The memory of the message that is not complete, and since when it is under way.
    private(set) var held = (bytes: 0, since: NIODeadline.distantPast)

    private let options: ConnectionOptions
    private let loop: BusLoop
    private var owner: (any ConnectionOwner)?
    private var session: Session
    private var timer: ConnectionTimer
    private var context: ChannelHandlerContext?
    private var phase = Phase.handshaking
    private var closeReason: CloseReason?
    private var isActivated = false
    private var hasReadBytes = false
    private var hasHeldRead = false
    /// Bytes came by a read that was asked for before we stopped; their messages wait in the session.
    private var hasHeldBytes = false
    private var isReadingPaused = false
    /// What the channel last said; asking it costs more, and this is asked for every message.
    private var isChannelWritable = true

    private var collected: ByteBuffer?
    private var isUnflushed = false
    private var queue: SendQueue

    init(
        _ socketType: SocketType,
        identity: ByteBuffer = ByteBuffer(),
        options: ConnectionOptions,
        loop: BusLoop,
        owner: any ConnectionOwner
    ) {
        self.options = options
        self.loop = loop
        self.owner = owner
        timer = ConnectionTimer(handshakeTimeout: options.handshakeTimeout)
        queue = SendQueue(options.sendQueue)
        session = Session(
            Session.Configuration(socketType, identity: identity, version: options.version, limits: options.limits))
    }

    var eventLoop: any EventLoop { loop.eventLoop }
    var isOpen: Bool { phase == .open }

    /// Whether a message would go to the socket at once.
    var isWritable: Bool { phase == .open && queue.isEmpty && isChannelWritable }

    /// Whether a message would be taken, at once or into the queue.
    var hasRoom: Bool { isWritable || (phase == .open && queue.hasRoom) }

    /// Messages and bytes that wait for the peer to read.
    var waiting: (messages: Int, bytes: Int) { (queue.count, queue.bytes) }

    /// Messages were dropped since all that waited was last sent.
    var isBehind: Bool { queue.isBehind }

    // MARK: Sending

    /// Sends one message.
    ///
    /// - Returns: False when it was dropped and counted, because the queue is full or the connection is not open.
    func send(_ wire: ByteBuffer) -> Bool {
        guard phase == .open else { return drop() }
        guard isWritable else { return enqueue(wire) }
        loop.metrics.sentMessages += 1
        write(wire)
        return true
    }

    /// Sends a reply as REQ expects it; a queue that is full ends the connection, since its peer does not read.
    func reply(_ payload: ByteBuffer) {
        guard phase == .open else {
            _ = drop()
            return
        }
        guard isWritable else {
            if !enqueue(Message(request: payload).wire) { close(.sendQueueFull(options.sendQueue)) }
            return
        }
        loop.metrics.sentMessages += 1
        var head = collected ?? eventLoopBuffer(capacity: payload.readableBytes + 16)
        collected = nil
        head.writeRequestHead(payloadBytes: payload.readableBytes)
        collected = head
        write(payload)
    }

    /// Sends messages that many peers get, without copying them.
    ///
    /// - Parameters:
    ///   - wire: All the messages, one after the other.
    ///   - messages: The same one by one, in case they must wait.
    /// - Returns: Whether the peer begins to miss messages with these, since it does not read.
    func sendShared(_ wire: ByteBuffer, messages: some Collection<Message>) -> Bool {
        guard isWritable else {
            let wasBehind = isBehind
            for message in messages { _ = send(message.wire) }
            return isBehind && !wasBehind
        }
        loop.metrics.sentMessages += messages.count
        passOnCollected()
        context?.write(wrapOutboundOut(wire), promise: nil)
        noteUnflushed()
        return false
    }

    /// Asks the publisher at the other end for a topic.
    func subscribe(to topic: ByteBuffer) {
        guard phase == .open else { return }
        write(session.subscription(to: topic))
    }

    /// Tells the publisher at the other end not to send a topic any more.
    func cancel(_ topic: ByteBuffer) {
        guard phase == .open else { return }
        write(session.cancellation(of: topic))
    }

    /// Hands what was collected to the socket; called at the end of a tick.
    func flush() {
        isUnflushed = false
        passOnCollected()
        context?.flush()
    }

    // MARK: Reading

    func pauseReading() {
        isReadingPaused = true
    }

    /// Reads on, if nothing else stands against it.
    func resumeReading() {
        isReadingPaused = false
        readOn()
    }

    /// Goes on after `pauseReading()` or `BusLoop.suspendReading()`, unless the other of the two still holds.
    func readOn() {
        guard !isReadingStopped else { return }
        releaseHeldBytes()
        readIfHeld()
    }

    private var isReadingStopped: Bool { isReadingPaused || loop.isReadingSuspended }

    private var mayRead: Bool {
        switch phase {
        case .handshaking: true
        case .open: !isReadingStopped && isChannelWritable
        // What comes now is thrown away; closing with unread bytes would reset the connection, and lose what we sent.
        case .draining: true
        case .closed: false
        }
    }

    private func releaseHeldBytes() {
        guard hasHeldBytes else { return }
        hasHeldBytes = false
        processEvents()
    }

    private func readIfHeld() {
        guard hasHeldRead, mayRead, let context else { return }
        hasHeldRead = false
        timer.received(at: eventLoop.now)
        context.read()
    }

    // MARK: Closing

    /// Closes now; what is collected is still offered to the socket, what is queued is lost.
    func close(_ reason: CloseReason) {
        guard phase != .closed else { return }
        if case .violation(let error) = reason, let farewell = session.farewell(for: error) { write(farewell) }
        flush()
        phase = .closed
        closeReason = closeReason ?? reason
        session.end()
        noteHeld(isNewMessage: false)
        timer.stop()
        context?.close(promise: nil)
    }

    /// Closes when everything that waits has been sent.
    func closeWhenSent() {
        switch phase {
        case .handshaking: close(.shutDown)
        case .open:
            phase = .draining
            timer.stop()
            closeReason = .shutDown
            readIfHeld()
            closeIfSent()
        case .draining, .closed: break
        }
    }

    private func closeIfSent() {
        guard phase == .draining, queue.isEmpty, let context else { return }
        passOnCollected()
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
            self.close(.shutDown)
        }
    }

    // MARK: Writing

    private func write(_ bytes: ByteBuffer) {
        guard phase != .closed, let context else { return }
        if bytes.readableBytes > ConnectionHandler.collectBytes {
            passOnCollected()
            context.write(wrapOutboundOut(bytes), promise: nil)
        } else {
            var buffer = collected ?? eventLoopBuffer(capacity: bytes.readableBytes)
            collected = nil
            buffer.writeImmutableBuffer(bytes)
            collected = buffer
            if buffer.readableBytes > ConnectionHandler.chunkBytes { passOnCollected() }
        }
        noteUnflushed()
    }

    private func eventLoopBuffer(capacity: Int) -> ByteBuffer {
        context?.channel.allocator.buffer(capacity: max(capacity, 256)) ?? ByteBuffer()
    }

    private func passOnCollected() {
        guard let bytes = collected else { return }
        collected = nil
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    private func noteUnflushed() {
        guard !isUnflushed else { return }
        isUnflushed = true
        loop.noteUnflushed(self)
    }

    private func enqueue(_ wire: ByteBuffer) -> Bool {
        guard queue.append(wire) else { return drop() }
        loop.metrics.sentMessages += 1
        return true
    }

    private func drop() -> Bool {
        droppedMessages += 1
        loop.metrics.droppedMessages += 1
        return false
    }

    /// Moves messages from the queue to the socket, in chunks, while it takes them.
    private func drainQueue(in context: ChannelHandlerContext) {
        while context.channel.isWritable, let chunk = queue.popChunk(upTo: ConnectionHandler.chunkBytes) {
            context.write(wrapOutboundOut(chunk), promise: nil)
        }
        context.flush()
    }

    // MARK: Time

    private func armTimer() {
        if let deadline = timer.deadline { loop.wake(self, at: deadline) }
    }

    /// The loop calls it at the deadline that was armed, or earlier.
    func wake() {
        let now = eventLoop.now
        // While we do not read we cannot know whether the peer speaks.
        if hasHeldRead { timer.received(at: now) }
        switch timer.fired(at: now) {
        case .wait: break
        case .ping(let ping): write(ping)
        case .close(let reason): return close(reason)
        }
        armTimer()
    }

    // MARK: Events of the session

    private func processEvents() {
        var hasFinished = false
        do throws(ZMTPError) {
            while phase == .handshaking || phase == .open, let event = try session.next() {
                hasFinished = true
                try perform(event)
            }
        } catch {
            close(.violation(error))
        }
        noteHeld(isNewMessage: hasFinished)
    }

    private func noteHeld(isNewMessage: Bool) {
        let (before, bytes) = (held.bytes, session.heldBytes)
        if isNewMessage || before == 0 { held.since = eventLoop.now }
        held.bytes = bytes
        if bytes != before { loop.noteHeld(bytes - before) }
    }

    private func perform(_ event: Session.Event) throws(ZMTPError) {
        switch event {
        case .message(let message):
            loop.metrics.receivedMessages += 1
            loop.noteTraffic()
            try owner?.received(message, on: self)
        case .send(let bytes): write(bytes)
        case .established(let peer): open(peer)
        case .subscribe(let topic): try owner?.subscribed(to: topic, on: self)
        case .cancel(let topic): owner?.cancelled(topic, on: self)
        case .ping(let timeToLive, let answer):
            write(answer)
            if timer.receivedPing(timeToLive: timeToLive, at: eventLoop.now) { armTimer() }
        case .pong: break
        }
    }

    private func open(_ peer: PeerProperties) {
        phase = .open
        openedAt = eventLoop.now
        loop.metrics.openConnections += 1
        timer.opened(session.peerTakesPings ? options.heartbeat : nil, at: eventLoop.now)
        armTimer()
        slot?.established()
        owner?.opened(self, peer: peer)
    }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { activate() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deactivate()
        self.context = nil
        owner = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        activate()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deactivate()
    }

    func read(context: ChannelHandlerContext) {
        guard mayRead else {
            hasHeldRead = true
            return
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase == .handshaking || phase == .open else { return }
        let bytes = unwrapInboundIn(data)
        hasReadBytes = true
        loop.metrics.receivedBytes += bytes.readableBytes
        timer.received(at: eventLoop.now)
        session.received(bytes)
        if phase == .open, isReadingStopped {
            hasHeldBytes = true
            noteHeld(isNewMessage: false)
        } else {
            processEvents()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isChannelWritable = context.channel.isWritable
        guard isChannelWritable else { return }
        drainQueue(in: context)
        closeIfSent()
        guard context.channel.isWritable, queue.isEmpty else { return }
        if phase == .open { owner?.becameWritable(self) }
        readIfHeld()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let displaced = event as? ConnectionDisplaced {
            close(.displaced(limit: displaced.limit))
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as IOError where error.errnoCode == ECONNRESET || error.errnoCode == EPIPE: close(.closedByPeer)
        case let error as IOError: close(.failed(error.description))
        default: close(.failed("\(error)"))
        }
    }

    private func activate() {
        guard !isActivated, phase == .handshaking else { return }
        isActivated = true
        remoteAddress = context?.channel.remoteAddress
        loop.add(self)
        timer.started(at: eventLoop.now)
        armTimer()
        owner?.activated(self)
        write(session.start())
    }

    private func deactivate() {
        timer.stop()
        // The peer has gone, but what it said before counts.
        if phase == .open { releaseHeldBytes() }
        let wasOpen = openedAt != nil
        phase = .closed
        collected = nil
        session.end()
        noteHeld(isNewMessage: false)
        guard isActivated else { return }
        isActivated = false
        let reason = closeReason ?? (hasReadBytes ? .closedByPeer : .probe)
        loop.metrics.droppedMessages += queue.count
        loop.metrics.count(reason)
        if wasOpen { loop.metrics.openConnections -= 1 }
        queue.removeAll()
        owner?.closed(self, reason: reason, wasOpen: wasOpen)
        routerConnection = nil
        loop.remove(self)
    }
}

extension ConnectionHandler: Hashable {
    static func == (left: ConnectionHandler, right: ConnectionHandler) -> Bool { left === right }

    func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(self))
    }
}
