import NIOCore
import NIOPosix
import ZMTP

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Who uses a `Connector`; called on its loop.
protocol ConnectorOwner: AnyObject {
    func connected(_ connection: ConnectionHandler, peer: PeerProperties)
    func received(_ message: Message, on connection: ConnectionHandler) throws(ZMTPError)
    func subscribed(to topic: ByteBuffer, on connection: ConnectionHandler) throws(ZMTPError)
    func cancelled(_ topic: ByteBuffer, on connection: ConnectionHandler)
    func becameWritable(_ connection: ConnectionHandler)
    /// The connection has gone, or could not be made.
    ///
    /// - Parameter connection: Nil when its handshake did not end.
    /// - Returns: Whether to try again.
    func disconnected(_ connection: ConnectionHandler?, reason: CloseReason) -> Bool
}

extension ConnectorOwner {
    func subscribed(to topic: ByteBuffer, on connection: ConnectionHandler) throws(ZMTPError) {}
    func cancelled(_ topic: ByteBuffer, on connection: ConnectionHandler) {}
    func becameWritable(_ connection: ConnectionHandler) {}
}

/// Keeps one connection to an endpoint, made anew with a growing random delay when it is lost.
///
///     idle --start--> connecting --TCP--> active --handshake--> connected
///      ^                  |                 |                      |
///      |               failure           failure               lost, drop
///      +--not wanted------+-----------------+----------------------+--wanted--> waiting --delay--> connecting
///
/// `stop` leads from everywhere to stopped. Names are resolved at every attempt, literal addresses never. Owner: the event loop.
final class Connector: ConnectionOwner {
    private enum State {
        case idle
        case waiting(Scheduled<Void>)
        case connecting
        case active(ConnectionHandler)
        case connected(ConnectionHandler)
        case stopped
    }

    let loop: BusLoop
    let endpoint: Endpoint
    private let socketType: SocketType
    private let identity: ByteBuffer
    private let options: ConnectionOptions
    private let policy: ReconnectPolicy
    private var backoff: Backoff
    private var state = State.idle
    private weak var owner: (any ConnectorOwner)?
    /// Why the last attempt failed or the last connection ended; nil while all is well.
    private(set) var lastFailure: CloseReason?

    init(
        to endpoint: Endpoint,
        as socketType: SocketType,
        identity: ByteBuffer = ByteBuffer(),
        options: ConnectionOptions,
        policy: ReconnectPolicy,
        loop: BusLoop,
        owner: any ConnectorOwner
    ) {
        self.endpoint = endpoint
        self.socketType = socketType
        self.identity = identity
        self.options = options
        self.policy = policy
        self.loop = loop
        self.owner = owner
        backoff = Backoff(policy)
    }

    /// The connection, when its handshake is over.
    var connection: ConnectionHandler? {
        switch state {
        case .connected(let connection): connection
        case .idle, .waiting, .connecting, .active, .stopped: nil
        }
    }

    /// Begins to connect: at once, or when the delay after the last failure is over.
    func start() {
        switch state {
        case .idle where backoff.failures == 0: connect()
        case .idle: wait()
        case .waiting, .connecting, .active, .connected, .stopped: break
        }
    }

    /// Ends the connection, if there is one; the owner is asked whether to make another.
    func drop(_ reason: CloseReason) {
        switch state {
        case .active(let connection), .connected(let connection): connection.close(reason)
        case .idle, .waiting, .connecting, .stopped: break
        }
    }

    /// Makes no further attempts; a connection that is there stays, to be drained by `BusLoop.drain`.
    func stop() {
        if case .waiting(let timer) = state { timer.cancel() }
        state = .stopped
    }

    private func connect() {
        state = .connecting
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let bootstrap = ClientBootstrap(group: loop.eventLoop)
            .connectTimeout(policy.connectTimeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.configure(channel) }
            }
        // A literal address needs no resolver, which would start a thread's worth of work for each connection.
        let address = try? SocketAddress(ipAddress: endpoint.host, port: endpoint.port)
        let attempt =
            address.map { bootstrap.connect(to: $0) } ?? bootstrap.connect(host: endpoint.host, port: endpoint.port)
        attempt.assumeIsolated().whenComplete { result in self.connectEnded(result) }
    }

    private func configure(_ channel: any Channel) throws {
        let handler = ConnectionHandler(socketType, identity: identity, options: options, loop: loop, owner: self)
        try ChannelSetup.configure(channel, options: options, handler: handler)
    }

    private func connectEnded(_ result: Result<any Channel, any Error>) {
        switch (result, state) {
        case (.success(let channel), .stopped): channel.close(promise: nil)
        case (.success, _): break
        // A connection that became active reports its own end.
        case (.failure(let error), .connecting): ended(nil, reason: .failed(Connector.cause(of: error)))
        case (.failure, _): break
        }
    }

    private func wait() {
        let delay = backoff.failed(random: .random(in: 0..<1))
        state = .waiting(loop.eventLoop.assumeIsolated().scheduleTask(in: delay) { self.connect() })
    }

    private func ended(_ connection: ConnectionHandler?, reason: CloseReason) {
        lastFailure = reason
        if case .stopped = state {
            _ = owner?.disconnected(connection, reason: reason)
            return
        }
        state = .idle
        guard owner?.disconnected(connection, reason: reason) == true else {
            if connection == nil { _ = backoff.failed(random: .random(in: 0..<1)) }
            return
        }
        // The owner may have begun already.
        if case .idle = state { wait() }
    }

    /// The system's words, without the wrapping of happy eyeballs.
    static func cause(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first { return cause(of: failure.error) }
            if let failure = error.dnsAError ?? error.dnsAAAAError { return "cannot resolve \(error.host): \(failure)" }
            return "cannot connect to \(error.host)"
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout(let timeout): return "no connection within \(timeout.text)"
        default: return "\(error)"
        }
    }

    // MARK: ConnectionOwner

    func activated(_ connection: ConnectionHandler) {
        if case .stopped = state { connection.close(.shutDown) } else { state = .active(connection) }
    }

    func opened(_ connection: ConnectionHandler, peer: PeerProperties) {
        guard case .active = state else { return }
        state = .connected(connection)
        backoff.succeeded()
        lastFailure = nil
        owner?.connected(connection, peer: peer)
    }

    func received(_ message: Message, on connection: ConnectionHandler) throws(ZMTPError) {
        try owner?.received(message, on: connection)
    }

    func subscribed(to topic: ByteBuffer, on connection: ConnectionHandler) throws(ZMTPError) {
        try owner?.subscribed(to: topic, on: connection)
    }

    func cancelled(_ topic: ByteBuffer, on connection: ConnectionHandler) {
        owner?.cancelled(topic, on: connection)
    }

    func becameWritable(_ connection: ConnectionHandler) {
        owner?.becameWritable(connection)
    }

    func closed(_ connection: ConnectionHandler, reason: CloseReason, wasOpen: Bool) {
        ended(wasOpen ? connection : nil, reason: reason)
    }
}
