public import NIOCore

/// A client's side of one connection after another, as a value: bytes in, events out.
///
/// Send `start(at:)`'s bytes when a connection opens. Give what arrives to `received(_:at:)`, then take events from
/// `next()` until it is nil. When it throws, close: nothing more is taken until the next `start(at:)`. Tell `sent(at:)`
/// of what was written, and call `timerFired(at:)` at `nextDeadline`.
///
///     idle --start--> connecting --CONNECTED--> connected --disconnect--> disconnecting --RECEIPT--> closed
///                         any of them --error, ERROR, silence, closed()--> closed --start--> connecting
///
/// Subscriptions outlive the connection: the next one begins with them. Receipts, transactions and deliveries do not.
public struct ClientSession: Sendable {
    private enum State {
        case idle
        case connecting(deadline: NIODeadline)
        case connected(HeartBeat)
        case disconnecting(receipt: String, deadline: NIODeadline)
        case closed
    }

    private let configuration: Configuration
    private var state = State.idle
    private var decoder = FrameDecoder()
    private var lastHeard = NIODeadline.uptimeNanoseconds(0)
    private var connection = 0
    private var ids = 0
    /// The subscriptions, in the order in which they were made.
    public private(set) var subscriptions: [Subscription] = []
    /// Receipts that were asked for and have not come, oldest first; those of the last connection until the next `start`.
    public private(set) var pendingReceipts = PendingReceipts()
    /// The version spoken; 1.0 before the server has said.
    public private(set) var version = Version.v1_0

    public init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// A connection is open.
    ///
    /// - Parameter credentials: Those for this server; nil are those of the configuration.
    /// - Returns: CONNECT.
    public mutating func start(at now: NIODeadline, as credentials: Credentials? = nil) -> ByteBuffer {
        state = .connecting(deadline: now + configuration.answerTimeout)
        decoder = FrameDecoder(limits: configuration.limits)
        lastHeard = now
        connection += 1
        pendingReceipts = PendingReceipts()
        version = .v1_0
        var headers = Headers(escaping: .none)
        if configuration.versions != [.v1_0] {
            headers.append("accept-version", Version.list(configuration.versions))
        }
        if let host = configuration.host { headers.append("host", host) }
        let credentials =
            credentials ?? Credentials(login: configuration.login, passcode: configuration.passcode)
        if let login = credentials.login { headers.append("login", login) }
        if let passcode = credentials.passcode { headers.append("passcode", passcode) }
        if configuration.heartBeat != .none { headers.append("heart-beat", configuration.heartBeat.text) }
        return Frame(.connect, headers: headers).encoded(for: .v1_0)
    }

    /// Bytes came.
    public mutating func received(_ bytes: ByteBuffer, at now: NIODeadline) {
        lastHeard = now
        if case .connected(var heartBeat) = state {
            heartBeat.received(at: now)
            state = .connected(heartBeat)
        }
        decoder.received(bytes)
    }

    /// The next event; nil when more bytes are needed.
    public mutating func next() throws(STOMPError) -> Event? {
        do throws(STOMPError) {
            while let frame = try decoder.next() {
                if let event = try event(for: frame) { return event }
            }
            return nil
        } catch {
            closed()
            throw error
        }
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

    /// When `timerFired(at:)` must be called next; nil for never. Changes with `start`, an event, and `timerFired`.
    public var nextDeadline: NIODeadline? {
        switch state {
        case .idle, .closed: nil
        case .connecting(let deadline), .disconnecting(_, let deadline): deadline
        case .connected(let heartBeat): heartBeat.nextDeadline
        }
    }

    public mutating func timerFired(at now: NIODeadline) -> Action {
        switch state {
        case .idle, .closed: return .wait
        case .connecting(let deadline), .disconnecting(_, let deadline):
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
        switch (frame.command, state) {
        case (.error, _):
            let message = frame.headers["message"] ?? String(buffer: frame.body)
            throw .refusedByPeer(message: STOMPError.printable(message.utf8))
        case (.connected, .connecting): return try connected(frame)
        case (.message, .connected), (.message, .disconnecting):
            return .message(Delivery(frame, connection: connection))
        case (.receipt, .connected):
            guard let id = frame.headers["receipt-id"] else { throw .missingHeader("receipt-id", in: .receipt) }
            // One that nobody waits for does no harm: StompServer confirms more than it is asked to.
            return pendingReceipts.remove(id) ? .receipt(id) : nil
        case (.receipt, .disconnecting(let receipt, _)):
            let id = frame.headers["receipt-id"]
            guard id == receipt else { return id.flatMap { pendingReceipts.remove($0) ? .receipt($0) : nil } }
            closed()
            return .disconnected
        case (_, .closed), (_, .idle): return nil
        default: throw .unexpectedCommand(frame.command)
        }
    }

    private mutating func connected(_ frame: Frame) throws(STOMPError) -> Event {
        let properties = try ServerProperties(connected: frame)
        guard configuration.versions.contains(properties.version) else {
            throw .noCommonVersion(peer: properties.version.rawValue)
        }
        version = properties.version
        decoder.version = version
        state = .connected(HeartBeat(ours: configuration.heartBeat, theirs: properties.heartBeat, now: lastHeard))
        var resumption = ByteBuffer()
        for subscription in subscriptions {
            subscription.subscribe(receipt: nil).encode(for: version, into: &resumption)
        }
        return .connected(properties, resumption: resumption)
    }

    // What the commands need, which stand in a file of their own.

    var isConnected: Bool {
        guard case .connected = state else { return false }
        return true
    }

    /// Whether the delivery came over the connection that there is.
    func isCurrent(_ delivery: Delivery) -> Bool { delivery.connection == connection && isConnected }

    mutating func keep(_ subscription: Subscription) { subscriptions.append(subscription) }

    mutating func forget(_ id: String) -> Subscription? {
        subscriptions.firstIndex { $0.id == id }.map { subscriptions.remove(at: $0) }
    }

    /// A number that no receipt or transaction of this session has.
    mutating func nextID() -> Int {
        ids += 1
        return ids
    }

    mutating func awaitFarewell(receipt: String, at now: NIODeadline) {
        _ = pendingReceipts.remove(receipt)
        state = .disconnecting(receipt: receipt, deadline: now + configuration.answerTimeout)
    }

    /// Makes the bytes of a frame, which is given the receipt that it must ask for.
    mutating func write(
        _ confirmation: Confirmation, _ frame: (String?) -> Frame
    ) throws(STOMPError) -> Outgoing {
        guard isConnected else { throw .notConnected }
        guard confirmation == .receipt else { return Outgoing(bytes: frame(nil).encoded(for: version), receipt: nil) }
        guard pendingReceipts.count < configuration.maxPendingReceipts else {
            throw .tooManyPendingReceipts(limit: configuration.maxPendingReceipts)
        }
        let receipt = "r\(nextID())"
        pendingReceipts.append(receipt)
        return Outgoing(bytes: frame(receipt).encoded(for: version), receipt: receipt)
    }
}
