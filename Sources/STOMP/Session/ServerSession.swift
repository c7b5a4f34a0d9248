public import NIOCore

/// A server's side of one connection, as a value: from CONNECT to what the client asks for, and its heart-beats.
///
/// Give what arrives to `received(_:at:)`, then take events from `next()` until it is nil. After `.connect` nothing more
/// comes until `accept` or `refuse` was called, which may take its time: what the client sends meanwhile waits. When
/// `next()` throws, send `farewell(for:)` and close: the session takes nothing more. Tell `sent(at:)` of what was written,
/// and call `timerFired(at:)` at `nextDeadline`.
///
///     awaitingConnect --CONNECT--> judging --accept--> connected --DISCONNECT--> closed
///                                          --refuse--> closed
public struct ServerSession: Sendable {
    /// How we present ourselves.
    public struct Configuration: Sendable, Equatable {
        public var versions: [Version]
        /// What CONNECTED calls us, as `Muster/0.1.0`.
        public var server: String
        /// The heart-beats that a client that wants some gets.
        public var heartBeat: HeartBeatOffer
        /// For a client that was accepted.
        public var limits: Limits
        /// How long a connection may take to be accepted.
        public var connectTimeout: TimeAmount

        public init(
            versions: [Version] = Version.allCases,
            server: String,
            heartBeat: HeartBeatOffer = HeartBeatOffer(sends: .seconds(10), wants: .seconds(10)),
            limits: Limits = Limits(),
            connectTimeout: TimeAmount = .seconds(10)
        ) {
            self.versions = versions
            self.server = server
            self.heartBeat = heartBeat
            self.limits = limits
            self.connectTimeout = connectTimeout
        }
    }

    public enum Event: Sendable, Equatable {
        /// Somebody wants in: call `accept` or `refuse`.
        case connect(ConnectRequest)
        /// A frame of a client that was accepted; never CONNECT or a server's frame.
        case frame(Frame)
    }

    /// What `timerFired(at:)` asks for.
    public enum Action: Sendable, Equatable {
        case send(ByteBuffer)
        case wait
        /// The client is gone, or never came: close.
        case close(STOMPError)
    }

    private enum State {
        case awaitingConnect(deadline: NIODeadline)
        case judging(ConnectRequest, deadline: NIODeadline)
        case connected(HeartBeat)
        case closed
    }

    private let configuration: Configuration
    private var state: State
    private var decoder = FrameDecoder(limits: .beforeConnect)
    /// The frame that had no place, for the ERROR about it.
    private var misplaced: Frame?
    /// What is spoken; 1.0 until the client was accepted.
    public private(set) var version = Version.v1_0

    public init(_ configuration: Configuration, at now: NIODeadline) {
        self.configuration = configuration
        state = .awaitingConnect(deadline: now + configuration.connectTimeout)
    }

    /// Bytes came.
    public mutating func received(_ bytes: ByteBuffer, at now: NIODeadline) {
        heard(at: now)
        decoder.received(bytes)
    }

    /// The client counts as heard: bytes came, or nobody reads what it says, and its silence means nothing. Call it for as
    /// long as the reading rests before `timerFired(at:)`, and when it goes on.
    public mutating func heard(at now: NIODeadline) {
        guard case .connected(var heartBeat) = state else { return }
        heartBeat.received(at: now)
        state = .connected(heartBeat)
    }

    /// The next event; nil when more bytes, or a judgement, are needed.
    public mutating func next() throws(STOMPError) -> Event? {
        if case .judging = state { return nil }
        do throws(STOMPError) {
            guard let frame = try decoder.next() else { return nil }
            return try event(for: frame)
        } catch {
            closed()
            throw error
        }
    }

    /// The memory that unfinished frames, and those that wait for a judgement, take here.
    public var heldBytes: Int { decoder.heldBytes }

    /// Lets the client in.
    ///
    /// - Returns: CONNECTED.
    public mutating func accept(session: String, at now: NIODeadline) -> ByteBuffer {
        guard case .judging(let request, _) = state else { return ByteBuffer() }
        version = request.version
        decoder.version = version
        decoder.limits = configuration.limits
        state = .connected(HeartBeat(ours: configuration.heartBeat, theirs: request.heartBeat, now: now))
        var headers = Headers(escaping: .none)
        // In this order, as RabbitMQ has it.
        headers.append("server", configuration.server)
        headers.append("session", session)
        headers.append("heart-beat", answer(to: request.heartBeat).text)
        headers.append("version", version.rawValue)
        return Frame(.connected, headers: headers).encodedWithLineEnd(for: version)
    }

    /// Shuts the client out.
    ///
    /// - Returns: ERROR, after which the connection must be closed.
    public mutating func refuse(_ message: String, detail: String) -> ByteBuffer {
        closed()
        return error(message, detail: detail)
    }

    /// What to tell the client before closing, for an error of `next()` or of the timer.
    public func farewell(for error: STOMPError) -> ByteBuffer {
        self.error(error.title, detail: error.description, about: misplaced)
    }

    /// An ERROR frame, after which the connection must be closed.
    ///
    /// - Parameter frame: The frame at fault: if it asked for a receipt, the ERROR quotes that.
    public func error(_ message: String, detail: String, about frame: Frame? = nil) -> ByteBuffer {
        var headers = Headers(["message": message, "content-type": "text/plain"])
        headers.append("version", Version.list(configuration.versions))
        if let receipt = frame?.headers["receipt"] { headers.append("receipt-id", receipt) }
        let body = ByteBuffer(string: detail + "\n")
        return Frame(.error, headers: headers, body: body).encodedWithLineEnd(for: version)
    }

    /// The connection is closed, or will be.
    public mutating func closed() {
        state = .closed
        decoder.end()
    }

    /// Something was written.
    public mutating func sent(at now: NIODeadline) {
        guard case .connected(var heartBeat) = state else { return }
        heartBeat.sent(at: now)
        state = .connected(heartBeat)
    }

    /// When `timerFired(at:)` must be called next; nil for never. Changes with `accept` and `timerFired`.
    public var nextDeadline: NIODeadline? {
        switch state {
        case .closed: nil
        case .awaitingConnect(let deadline), .judging(_, let deadline): deadline
        case .connected(let heartBeat): heartBeat.nextDeadline
        }
    }

    public mutating func timerFired(at now: NIODeadline) -> Action {
        switch state {
        case .closed: return .wait
        case .awaitingConnect(let deadline), .judging(_, let deadline):
            guard now >= deadline else { return .wait }
            closed()
            return .close(.connectTimedOut)
        case .connected(var heartBeat):
            let action = heartBeat.timerFired(at: now)
            state = .connected(heartBeat)
            switch action {
            case .wait: return .wait
            case .beat: return .send(Frame.heartBeat)
            case .close(let silence):
                closed()
                return .close(.silent(milliseconds: Int(silence.nanoseconds / 1_000_000)))
            }
        }
    }

    private mutating func event(for frame: Frame) throws(STOMPError) -> Event? {
        switch state {
        case .awaitingConnect(let deadline):
            guard frame.command == .connect || frame.command == .stomp else {
                throw .unexpectedCommand(frame.command)
            }
            let request = try ConnectRequest(frame, ours: configuration.versions)
            state = .judging(request, deadline: deadline)
            return .connect(request)
        case .connected:
            guard !frame.command.isConnecting, !frame.command.isFromServer else {
                misplaced = frame
                throw .unexpectedCommand(frame.command)
            }
            return .frame(frame)
        case .judging, .closed: return nil
        }
    }

    /// Heart-beats as asked for, and never oftener than we are ready to.
    private func answer(to offer: HeartBeatOffer) -> HeartBeatOffer {
        HeartBeatOffer(
            sends: offer.wants > .zero ? configuration.heartBeat.sends : .zero,
            wants: offer.sends > .zero ? configuration.heartBeat.wants : .zero)
    }
}

extension Frame {
    /// The frame and one LF: customary between frames, and the most that ruby-stomp 1.0 takes.
    public func encodedWithLineEnd(for version: Version) -> ByteBuffer {
        var bytes = encoded(for: version)
        bytes.writeInteger(Escaping.lineFeed)
        return bytes
    }
}
