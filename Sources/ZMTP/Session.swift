public import NIOCore

/// One ZMTP connection as a value: bytes in, events out.
///
/// Send `start()`'s bytes when the connection opens. Give what arrives to `received(_:)`, then take events from
/// `next()` until it is nil. When it throws, send `farewell(for:)`, if any, and close: the session takes nothing more.
/// The session has no clock: see ``Heartbeat``.
public struct Session: Sendable {
    /// How we present ourselves.
    public struct Configuration: Sendable {
        public var socketType: SocketType
        /// Announced by REQ, DEALER and ROUTER only; empty for none.
        public var identity: ByteBuffer
        /// 3.1, or 3.0 to make the peer use the older forms.
        public var version: Version
        public var limits: Limits

        public init(
            _ socketType: SocketType,
            identity: ByteBuffer = ByteBuffer(),
            version: Version = .v3_1,
            limits: Limits = Limits()
        ) {
            self.socketType = socketType
            self.identity = identity
            self.version = version
            self.limits = limits
        }
    }

    /// What happened, or what must be done.
    public enum Event: Sendable, Equatable {
        /// These bytes must be sent.
        case send(ByteBuffer)
        /// The handshake is over; messages may be sent from now on.
        case established(PeerProperties)
        case message(Message)
        /// The peer, a subscriber, wants messages beginning with this topic.
        case subscribe(topic: ByteBuffer)
        /// The peer does not want this topic any more.
        case cancel(topic: ByteBuffer)
        /// The peer asks for a sign of life: `answer` must be sent, and the time to live noted.
        case ping(timeToLive: TimeAmount, answer: ByteBuffer)
        case pong
    }

    private let configuration: Configuration
    private var handshake: Handshake
    private var reader: MessageReader
    private var input = ByteBuffer()
    /// Whether `input` is a buffer of our own, which no event shares.
    private var ownsInput = false
    private var hasFailed = false
    /// The other end; nil until the handshake is over.
    public private(set) var peer: PeerProperties?

    public init(_ configuration: Configuration) {
        self.configuration = configuration
        handshake = Handshake(socketType: configuration.socketType, version: configuration.version)
        reader = MessageReader(limits: configuration.limits)
    }

    /// Our greeting.
    public func start() -> ByteBuffer {
        Greeting(version: configuration.version).encoded
    }

    /// Takes bytes as they were read.
    ///
    /// Memory grows with what has arrived, never with what was announced.
    public mutating func received(_ bytes: ByteBuffer) {
        guard !hasFailed else { return }
        if input.readableBytes == 0 {
            input = bytes
            ownsInput = false
        } else if ownsInput {
            input.writeImmutableBuffer(bytes)
        } else {
            // Messages already handed out share the storage: appending there would copy all of it.
            var own = ByteBuffer()
            own.reserveCapacity(input.readableBytes + bytes.readableBytes)
            own.writeImmutableBuffer(input)
            own.writeImmutableBuffer(bytes)
            input = own
            ownsInput = true
        }
    }

    /// The next event; nil when more bytes are needed.
    public mutating func next() throws(ZMTPError) -> Event? {
        guard !hasFailed else { return nil }
        do throws(ZMTPError) {
            let event = try handshake.isEstablished ? nextInTraffic() : nextInHandshake()
            if event == nil { letGo() }
            return event
        } catch {
            end()
            throw error
        }
    }

    /// The memory that unfinished messages take here.
    public var heldBytes: Int {
        (input.readableBytes == 0 ? 0 : input.storageCapacity) + reader.setAsideBytes
    }

    /// Takes nothing more, and gives up what is unfinished.
    public mutating func end() {
        hasFailed = true
        input = ByteBuffer()
        reader.abandon()
    }

    /// What to tell the peer before closing; nil when it would not understand it, or is the one that closed.
    public func farewell(for error: ZMTPError) -> ByteBuffer? {
        if case .refusedByPeer = error { return nil }
        guard handshake.peerTakesCommands, !handshake.isEstablished else { return nil }
        return Command.error(reason: "Invalid handshake").encoded
    }

    /// The bytes that ask a publisher for a topic, in the form it understands; only after the handshake.
    public func subscription(to topic: ByteBuffer) -> ByteBuffer {
        subscription(topic, command: .subscribe(topic: topic), mark: 1)
    }

    /// The bytes that tell a publisher to stop sending a topic, in the form it understands; only after the handshake.
    public func cancellation(of topic: ByteBuffer) -> ByteBuffer {
        subscription(topic, command: .cancel(topic: topic), mark: 0)
    }

    /// Whether the peer may be sent PING: it came with ZMTP 3.1.
    public var peerTakesPings: Bool { (peer?.version ?? .v3_0) >= .v3_1 }

    private func subscription(_ topic: ByteBuffer, command: Command, mark: UInt8) -> ByteBuffer {
        if peerTakesPings { return command.encoded }
        var body = ByteBuffer(integer: mark)
        body.writeImmutableBuffer(topic)
        return Message(body).wire
    }

    /// Gives back the buffer of what was taken out of it: an idle peer must not hold the memory of its last message, nor a
    /// few bytes of the next one the whole of a read.
    private mutating func letGo() {
        let bytes = input.readableBytes
        guard bytes > 0 else {
            input = ByteBuffer()
            ownsInput = false
            return
        }
        guard input.storageCapacity > 4096, bytes < input.storageCapacity / 4 else { return }
        var own = ByteBuffer()
        own.reserveCapacity(bytes)
        own.writeImmutableBuffer(input)
        input = own
        ownsInput = true
    }

    private mutating func nextInHandshake() throws(ZMTPError) -> Event? {
        if handshake.wantsGreeting {
            guard let greeting = try Greeting.read(from: &input) else { return nil }
            return try perform(handshake.received(greeting))
        }
        switch try reader.next(from: &input) {
        case .command(let command): return try perform(handshake.received(command))
        case .message: throw .readyExpected
        case nil: return nil
        }
    }

    private mutating func perform(_ action: Handshake.Action) throws(ZMTPError) -> Event {
        switch action {
        case .sendReady:
            let metadata = Metadata(socketType: configuration.socketType, identity: configuration.identity)
            return .send(Command.ready(metadata).encoded)
        case .established(let peer):
            self.peer = peer
            return .established(peer)
        }
    }

    private mutating func nextInTraffic() throws(ZMTPError) -> Event? {
        while let unit = try reader.next(from: &input) {
            ownsInput = false
            switch unit {
            case .message(let message): return event(for: message)
            case .command(let command):
                if let event = try event(for: command) { return event }
            }
        }
        return nil
    }

    private func event(for message: Message) -> Event {
        guard configuration.socketType.takesSubscriptions, message.frameCount == 1 else { return .message(message) }
        var topic = message.first
        switch topic.readInteger(as: UInt8.self) {
        case 1: return .subscribe(topic: topic)
        case 0: return .cancel(topic: topic)
        default: return .message(message)
        }
    }

    /// Nil for a command that means nothing to us.
    private func event(for command: Command) throws(ZMTPError) -> Event? {
        switch command {
        case .subscribe(let topic) where configuration.socketType.takesSubscriptions: .subscribe(topic: topic)
        case .cancel(let topic) where configuration.socketType.takesSubscriptions: .cancel(topic: topic)
        case .ping(let ping): .ping(timeToLive: ping.timeToLive, answer: Command.pong(context: ping.context).encoded)
        case .pong: .pong
        case .unknown: nil
        case .error(let reason): throw .refusedByPeer(reason: reason)
        case .ready, .subscribe, .cancel: throw .unexpectedCommand(name: command.name)
        }
    }
}
