import NIOCore
import ZMTP

/// When a connection has something to do by the clock: until it is open, to give its handshake up; then, to ask whether
/// the peer still lives (`Heartbeat`).
///
/// A value without clock or timer: `ConnectionHandler` lets its loop wake it at `deadline`, and does what `fired(at:)`
/// says. Nothing moves when bytes come but the time in here, so a busy connection does not touch its loop's timer.
struct ConnectionTimer {
    /// What the handler must do. In any case `deadline` is to be looked at again.
    enum Action: Equatable {
        /// Nothing: it was woken too early, or there is nothing to wait for.
        case wait
        /// Send these bytes, a PING.
        case ping(ByteBuffer)
        case close(CloseReason)
    }

    private let handshakeTimeout: TimeAmount
    /// Nil until the connection is open.
    private var heartbeat: Heartbeat?
    /// When `fired(at:)` is to be called; nil for never.
    private(set) var deadline: NIODeadline?

    init(handshakeTimeout: TimeAmount) {
        self.handshakeTimeout = handshakeTimeout
    }

    /// The handshake begins.
    mutating func started(at now: NIODeadline) {
        deadline = now + handshakeTimeout
    }

    /// The handshake is over.
    ///
    /// - Parameter heartbeat: Nil to send no PING.
    mutating func opened(_ configuration: Heartbeat.Configuration?, at now: NIODeadline) {
        let heartbeat = Heartbeat(configuration, now: now)
        self.heartbeat = heartbeat
        deadline = heartbeat.nextDeadline
    }

    /// The peer said something, or cannot be heard now.
    mutating func received(at now: NIODeadline) {
        heartbeat?.received(at: now)
    }

    /// The peer sent PING.
    ///
    /// - Returns: Whether `deadline` has changed.
    mutating func receivedPing(timeToLive: TimeAmount, at now: NIODeadline) -> Bool {
        guard heartbeat?.receivedPing(timeToLive: timeToLive, at: now) == true else { return false }
        deadline = heartbeat?.nextDeadline
        return true
    }

    mutating func fired(at now: NIODeadline) -> Action {
        guard let deadline, deadline <= now else { return .wait }
        guard let action = heartbeat?.timerFired(at: now) else {
            return .close(.handshakeTimeout(after: handshakeTimeout))
        }
        self.deadline = heartbeat?.nextDeadline
        switch action {
        case .wait: return .wait
        case .ping(let ping): return .ping(ping)
        case .close(let silence): return .close(.silent(for: silence))
        }
    }

    /// Nothing is waited for any more.
    mutating func stop() {
        deadline = nil
    }
}
