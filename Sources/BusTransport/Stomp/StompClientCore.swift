import NIOCore
import NIOPosix
import NIOSSL
import STOMP

/// The state of a `StompClient`: keeps one session with one broker after another.
///
///     idle --start--> connecting --TCP, TLS--> active --CONNECTED--> open
///                         |                      |                    |
///                      failure            ERROR, silence        lost, silence
///                         |                      +------ closing ------+
///                         +------------------------------+---> waiting --delay--> connecting
///
/// `shutDown` leads from everywhere to stopped. Owner: its event loop.
final class StompClientCore {
    private enum State {
        case idle
        case waiting(Scheduled<Void>)
        case connecting
        /// The session asks to be let in.
        case active(StompChannelHandler)
        case open(StompChannelHandler)
        /// The session is over, and the channel is not closed yet.
        case closing
        case stopped
    }

    private let options: StompOptions
    private let eventLoop: any EventLoop
    private let delegate: any StompClientDelegate
    private var session: ClientSession
    private var pool: ServerPool<StompServer>
    private var outbox: StompOutbox
    private var random = SystemRandomNumberGenerator()
    private var state = State.idle
    private var attempts = 0
    /// Since when the session is open.
    private var openSince: NIODeadline?
    /// A session that lasted as long was a good one: the next failure is the first again.
    private static let goodSession = TimeAmount.seconds(30)
    private var isFlushPlanned = false
    /// When the timer that counts goes off; older ones are not cancelled, and do nothing.
    private var alarm: NIODeadline?
    /// What the session would not send.
    private var refused = 0
    private var farewell: EventLoopPromise<Void>?

    init(_ options: StompOptions, eventLoop: any EventLoop, delegate: any StompClientDelegate) {
        self.options = options
        self.eventLoop = eventLoop
        self.delegate = delegate
        session = ClientSession(options.session)
        pool = ServerPool(options.servers, policy: options.policy)
        outbox = StompOutbox(options.outbox)
    }

    var dropped: Int { outbox.dropped + refused }

    // MARK: What the program asks for

    func start() {
        if case .idle = state { connectNext() }
    }

    func subscribe(_ subscription: Subscription) {
        guard !session.subscriptions.contains(where: { $0.id == subscription.id }) else { return }
        put { session throws(STOMPError) in try session.subscribe(to: subscription) }
    }

    func unsubscribe(_ id: String) {
        guard session.subscriptions.contains(where: { $0.id == id }) else { return }
        put { session throws(STOMPError) in try session.unsubscribe(id) }
    }

    func send(_ messages: [StompMessage]) {
        if case .stopped = state { return }
        for message in messages {
            outbox.append(message)
            sendWaiting()
        }
    }

    func shutDown(within grace: TimeAmount) -> EventLoopFuture<Void> {
        let before = state
        state = .stopped
        switch before {
        case .idle, .connecting, .closing, .stopped: return eventLoop.makeSucceededVoidFuture()
        case .waiting(let timer):
            timer.cancel()
            return eventLoop.makeSucceededVoidFuture()
        case .active(let handler):
            handler.close(.shutDown)
            return eventLoop.makeSucceededVoidFuture()
        case .open(let handler):
            let promise = eventLoop.makePromise(of: Void.self)
            farewell = promise
            // The session was open, so it can say goodbye.
            if let bytes = try? session.disconnect(at: eventLoop.now) { handler.write(bytes) }
            handler.flush()
            eventLoop.assumeIsolated().scheduleTask(in: grace) { handler.close(.shutDown) }
            return promise.futureResult
        }
    }

    // MARK: Connecting

    private func connectNext() {
        guard let attempt = pool.next(using: &random) else {
            state = .idle
            guard let last = pool.servers.last else { return }
            return delegate.stompDisconnected(from: last, because: .gaveUp(attempts: attempts))
        }
        attempts = attempt.number
        guard attempt.delay > .zero else { return connect(to: attempt.server) }
        state = .waiting(
            eventLoop.assumeIsolated().scheduleTask(in: attempt.delay) { self.connect(to: attempt.server) })
    }

    private func connect(to server: StompServer) {
        state = .connecting
        let context: NIOSSLContext?
        do throws(StompTLSError) { context = try server.tls?.makeContext() } catch {
            return lost(server, because: .tls("\(error)"))
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(options.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.configure(channel, context, for: server) }
            }
        bootstrap.connect(host: server.endpoint.host, port: server.endpoint.port).assumeIsolated().whenComplete {
            self.connectEnded($0, to: server)
        }
    }

    private func configure(_ channel: any Channel, _ context: NIOSSLContext?, for server: StompServer) throws {
        let pipeline = channel.pipeline.syncOperations
        if let context { try pipeline.addHandler(try StompTLS.makeHandler(context, for: server.endpoint.host)) }
        try pipeline.addHandler(StompChannelHandler(self, to: server))
    }

    private func connectEnded(_ result: Result<any Channel, any Error>, to server: StompServer) {
        switch (result, state) {
        case (.success(let channel), .stopped): channel.close(promise: nil)
        case (.success, _): break
        // A connection that became active reports its own end.
        case (.failure(let error), .connecting): lost(server, because: .unreachable(Connector.cause(of: error)))
        case (.failure, _): break
        }
    }

    private func lost(_ server: StompServer, because reason: StompFailure) {
        session.closed()
        // One that a broker ends at once, again and again, is made anew at growing intervals.
        if let openSince, eventLoop.now >= openSince + StompClientCore.goodSession { pool.connected() }
        openSince = nil
        if case .stopped = state {
            farewell?.succeed()
            farewell = nil
            return delegate.stompDisconnected(from: server, because: .shutDown)
        }
        state = .idle
        delegate.stompDisconnected(from: server, because: reason)
        if case .idle = state { connectNext() }
    }

    // MARK: The channel

    func opened(_ handler: StompChannelHandler, to server: StompServer) {
        if case .stopped = state { return handler.close(.shutDown) }
        state = .active(handler)
        let credentials = ClientSession.Credentials(login: server.login, passcode: server.passcode)
        handler.write(session.start(at: eventLoop.now, as: credentials))
        handler.flush()
        arm()
    }

    func received(_ bytes: ByteBuffer, from handler: StompChannelHandler) {
        session.received(bytes, at: eventLoop.now)
        do throws(STOMPError) {
            while let event = try session.next() {
                switch event {
                case .connected(let properties, let resumption):
                    connected(handler, properties, resumption)
                case .message(let delivery):
                    if case .stopped = state { break }
                    delegate.stompReceived(delivery)
                case .receipt: break
                case .disconnected: handler.close(.shutDown)
                }
            }
        } catch {
            close(handler, because: error)
        }
        arm()
    }

    /// Nothing more is sent, even while the channel takes its time.
    private func close(_ handler: StompChannelHandler, because error: STOMPError) {
        switch state {
        case .active, .open: state = .closing
        case .idle, .waiting, .connecting, .closing, .stopped: break
        }
        handler.close(.session(error))
    }

    private func connected(_ handler: StompChannelHandler, _ properties: ServerProperties, _ resumption: ByteBuffer) {
        guard case .active = state, let server = pool.servers.last else { return }
        state = .open(handler)
        openSince = eventLoop.now
        if resumption.readableBytes > 0 { write(resumption, handler) }
        delegate.stompConnected(to: server, properties: properties)
        sendWaiting()
    }

    func readCompleted() { delegate.stompReadCompleted() }

    func writabilityChanged() { sendWaiting() }

    func ended(_ handler: StompChannelHandler, to server: StompServer, because reason: StompFailure) {
        lost(server, because: reason)
    }

    // MARK: Writing

    /// Sends what waits, as long as the broker reads.
    private func sendWaiting() {
        guard case .open(let handler) = state else { return }
        while handler.isWritable, let message = outbox.next(at: eventLoop.now) {
            put { session throws(STOMPError) in
                try session.send(message.body, to: message.destination, headers: message.headers)
            }
        }
    }

    private func put(_ command: (inout ClientSession) throws(STOMPError) -> ClientSession.Outgoing?) {
        do throws(STOMPError) {
            guard let outgoing = try command(&session), case .open(let handler) = state else { return }
            write(outgoing.bytes, handler)
        } catch {
            refused += 1
        }
    }

    /// One flush for all that a tick writes.
    private func write(_ bytes: ByteBuffer, _ handler: StompChannelHandler) {
        handler.write(bytes)
        guard !isFlushPlanned else { return }
        isFlushPlanned = true
        eventLoop.assumeIsolated().execute {
            self.isFlushPlanned = false
            self.session.sent(at: self.eventLoop.now)
            handler.flush()
        }
    }

    // MARK: Time

    private func arm() {
        guard let deadline = session.nextDeadline, alarm.map({ deadline < $0 }) ?? true else { return }
        alarm = deadline
        eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            if self?.alarm == deadline { self?.alarmWentOff() }
        }
    }

    private func alarmWentOff() {
        alarm = nil
        switch (session.timerFired(at: eventLoop.now), state) {
        case (.send(let beat), .open(let handler)):
            handler.write(beat)
            handler.flush()
        case (.close(let error), .open(let handler)), (.close(let error), .active(let handler)):
            close(handler, because: error)
        case (.send, _), (.wait, _), (.close, _): break
        }
        arm()
    }
}
