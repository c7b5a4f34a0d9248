import Logging
import MusterCore
import NIOCore
import STOMP

/// One client: runs a `ServerSession` on a channel, hands its frames to its virtual host, and keeps its time.
///
///     judged --accepted--> connected --DISCONNECT, ERROR--> draining --> closed
///
/// Owner: the broker's event loop.
final class BrokerConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let broker: BrokerLoop
    private var session: ServerSession
    private var context: ChannelHandlerContext?
    private(set) var address = "unknown"
    /// No other connection of this run has it.
    var number = 0
    let isEncrypted: Bool
    private(set) var place: Place?
    /// Bytes that were written since the last flush: deliveries, and answers to the client's own frames.
    private var unflushed = (deliveries: 0, answers: 0)
    /// Bytes of answers that have not left the machine.
    private var pendingAnswers = 0
    /// Nothing is read until the client has taken its answers.
    private var isReadingPaused = false
    /// Its password is being looked at.
    private var isJudging = false
    /// Nothing is read until the log has caught up.
    private var awaitsLog = false
    private var isUnflushed = false
    /// Nothing more is read or answered; what was written is still sent.
    private var isDraining = false
    /// When the timer that counts goes off; older ones are not cancelled, and do nothing.
    private var alarm: NIODeadline?

    /// A client that asks for receipts and does not read them is not listened to beyond this. Deliveries have a bound of
    /// their own, and do not stop the reading: a client may well send much before it reads.
    private static let maxPendingAnswers = 256 << 10

    /// Where a client that was let in is, and as whom.
    struct Place {
        let served: ServedHost
        let peer: Peer
        let identity: AccountDesk.Identity
        let since: Timestamp

        var host: VirtualHost { served.host }
    }

    init(_ broker: BrokerLoop, isEncrypted: Bool = false) {
        self.broker = broker
        self.isEncrypted = isEncrypted
        let configuration = ServerSession.Configuration(
            server: broker.configuration.server, heartBeat: broker.configuration.heartBeat,
            limits: broker.configuration.frameLimits)
        session = ServerSession(configuration, at: broker.eventLoop.now)
    }

    // MARK: Writing

    /// Writes a part of a message for a consumer.
    func deliver(_ bytes: ByteBuffer) {
        unflushed.deliveries += bytes.readableBytes
        put(bytes)
    }

    /// Writes an answer to a frame of the client itself.
    func write(_ bytes: ByteBuffer) {
        unflushed.answers += bytes.readableBytes
        put(bytes)
    }

    /// Sent at the end of the loop's tick.
    private func put(_ bytes: ByteBuffer) {
        guard let context else { return }
        context.write(wrapOutboundOut(bytes), promise: nil)
        guard !isUnflushed else { return }
        isUnflushed = true
        broker.noteUnflushed(self)
    }

    func flush() {
        guard isUnflushed else { return }
        isUnflushed = false
        guard let context else { return }
        session.sent(at: broker.eventLoop.now)
        let (bytes, place) = (unflushed, place)
        unflushed = (0, 0)
        pendingAnswers += bytes.answers
        pauseOrResumeReading()
        // The last of several writes: when it has left, all have.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenSuccess {
            self.pendingAnswers -= bytes.answers
            self.pauseOrResumeReading()
            guard bytes.deliveries > 0, let place else { return }
            place.host.flushed(place.peer, bytes: bytes.deliveries, at: self.broker.moment)
            self.broker.perform(place.host)
        }
    }

    private func pauseOrResumeReading() {
        guard let context, !isDraining else { return }
        if !isReadingPaused, pendingAnswers > BrokerConnection.maxPendingAnswers {
            isReadingPaused = true
        } else if isReadingPaused, pendingAnswers < BrokerConnection.maxPendingAnswers / 2 {
            isReadingPaused = false
            session.heard(at: broker.eventLoop.now)
            read(context: context)
        }
    }

    /// Tells the client what is wrong with a frame, and closes.
    func fail(_ error: BrokerError, about frame: Frame) {
        write(session.error(error.title, detail: error.description, about: frame))
        closeWhenSent()
    }

    /// Closes when everything that was written has left the machine.
    func closeWhenSent() {
        guard !isDraining, let context else { return }
        isDraining = true
        session.closed()
        leave()
        isUnflushed = false
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in self.close() }
        // One that does not read what it is owed does not stay for it.
        broker.eventLoop.assumeIsolated().scheduleTask(in: broker.configuration.grace) { [weak self] in self?.close() }
    }

    /// Ends the connection from our side, with an ERROR that says why.
    func dismiss(_ reason: String) {
        write(session.error("Connection closed", detail: reason))
        closeWhenSent()
    }

    func close() { context?.close(promise: nil) }

    // MARK: Reading

    private func takeEvents() {
        do throws(STOMPError) {
            while !isDraining, let event = try session.next() {
                switch event {
                case .connect(let request): judge(request)
                case .frame(let frame):
                    guard let place else { return }
                    place.host.received(frame, from: place.peer, at: broker.moment)
                }
            }
        } catch {
            // What came before the fault was served.
            if let place { broker.perform(place.host) }
            broker.noteRefusal("\(error)", of: self)
            write(session.farewell(for: error))
            return closeWhenSent()
        }
        if let place { broker.perform(place.host) }
        arm()
    }

    private func judge(_ request: ConnectRequest) {
        var isLater = false
        isJudging = true
        broker.judge(request, from: self) { verdict in
            self.isJudging = false
            guard self.context != nil, !self.isDraining else { return }
            self.judged(verdict)
            guard isLater else { return }
            // What the client has said meanwhile, and what it says from now on.
            self.takeEvents()
            if let context = self.context { self.read(context: context) }
        }
        isLater = true
    }

    private func judged(_ verdict: BrokerLoop.Verdict) {
        switch verdict {
        case .accepted(let served, let access, let identity):
            write(session.accept(session: "session-\(number)", at: broker.eventLoop.now))
            let peer = served.host.connect(version: session.version, access: access)
            peer.owner = self
            place = Place(served: served, peer: peer, identity: identity, since: broker.now())
        case .refused(let message, let detail):
            write(session.refuse(message, detail: detail))
            closeWhenSent()
        }
    }

    /// The virtual host forgets the client, once.
    private func leave() {
        guard let place else { return }
        self.place = nil
        place.host.disconnected(place.peer, at: broker.moment)
        place.peer.owner = nil
        broker.perform(place.host)
    }

    // MARK: Time

    private func arm() {
        guard let deadline = session.nextDeadline, alarm.map({ deadline < $0 }) ?? true else { return }
        alarm = deadline
        broker.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            if self?.alarm == deadline { self?.alarmWentOff() }
        }
    }

    private func alarmWentOff() {
        alarm = nil
        guard context != nil, !isDraining else { return }
        // Who is not listened to is not silent.
        if isReadingPaused || awaitsLog { session.heard(at: broker.eventLoop.now) }
        switch session.timerFired(at: broker.eventLoop.now) {
        case .send(let beat): write(beat)
        case .wait: break
        case .close(let error):
            broker.note("client given up", "\(error)", from: self)
            return close()
        }
        arm()
    }

    // MARK: ChannelDuplexHandler

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        guard context.channel.isActive else { return }
        activate(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) { activate(context) }

    private func activate(_ context: ChannelHandlerContext) {
        address = context.channel.remoteAddress?.ipAddress ?? "unknown"
        broker.opened(self)
        arm()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDraining else { return }
        broker.noteRead()
        let bytes = unwrapInboundIn(data)
        // No frame of STOMP begins so.
        if place == nil, bytes.readableBytesView.first == PlainTextGuard.handshake {
            noteWrongPort(.tlsToPlain)
            return close()
        }
        session.received(bytes, at: broker.eventLoop.now)
        takeEvents()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A client that says no more may be gone before the tick ends; its answers leave now.
        flush()
    }

    /// The channel is about to read on, by itself.
    func read(context: ChannelHandlerContext) {
        guard !isDraining else { return context.read() }
        // Who may not come in shall not fill our memory while its password is looked at.
        guard !isReadingPaused, !isJudging else { return }
        if let place, !awaitsLog, !broker.mayRead(self, of: place.served) { awaitsLog = true }
        guard !awaitsLog else { return }
        context.read()
    }

    /// The log has caught up.
    func readOn() {
        awaitsLog = false
        session.heard(at: broker.eventLoop.now)
        if let context { read(context: context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        session.closed()
        leave()
        broker.closed(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if place == nil, isEncrypted, !(error is IOError) { noteWrongPort(.handshakeFailed("\(error)")) }
        context.close(promise: nil)
    }

    /// What is wrong before a client has said anything.
    enum Misunderstanding {
        case plainToTLS, tlsToPlain
        case handshakeFailed(String)
    }

    func noteWrongPort(_ misunderstanding: Misunderstanding) {
        switch misunderstanding {
        case .plainToTLS: broker.note("client spoke plain STOMP to a TLS port", "it needs TLS", from: self)
        case .tlsToPlain:
            broker.note("client spoke TLS to a plain STOMP port", "it needs the port of tls_listen", from: self)
        case .handshakeFailed(let reason): broker.note("TLS handshake failed", reason, from: self)
        }
    }
}
