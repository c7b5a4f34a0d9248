public import NIOCore

/// When to send PING to one peer, and when to give it up.
///
/// A PING goes out every interval, whatever else is said. After a PING the peer has `timeout` to say anything at all.
/// Independently, a peer that promised in its own PING not to be silent for longer than its time to live is held to it.
/// Time is an argument: ask for `nextDeadline`, and call `timerFired(at:)` then. Traffic does not move the timer, so
/// that a busy connection need not touch it: a timer that fires too early is told to wait.
///
/// Source: libzmq 4.3, `stream_engine_base.cpp`, timer events and `process_heartbeat_message`.
public struct Heartbeat: Sendable {
    /// The intervals of an active heartbeat.
    public struct Configuration: Sendable, Hashable {
        /// From one PING to the next.
        public var interval: TimeAmount
        /// How long the peer may be silent after a PING.
        public var timeout: TimeAmount
        /// What we promise in our PING; zero for nothing.
        public var timeToLive: TimeAmount

        /// - Parameter timeout: Nil for the interval, as libzmq has it.
        public init(interval: TimeAmount, timeout: TimeAmount? = nil, timeToLive: TimeAmount = .zero) {
            self.interval = interval
            self.timeout = timeout ?? interval
            self.timeToLive = timeToLive
        }
    }

    public enum Action: Sendable, Equatable {
        /// Send these bytes, a PING.
        case ping(ByteBuffer)
        /// Nothing now.
        case wait
        /// The peer is gone.
        case close(silentFor: TimeAmount)
    }

    private let configuration: Configuration?
    private var lastHeard: NIODeadline
    private var nextPing: NIODeadline?
    private var answerDeadline: NIODeadline?
    private var peerTimeToLive: TimeAmount?

    /// - Parameter configuration: Nil to send no PING, and only hold the peer to its own promise.
    public init(_ configuration: Configuration?, now: NIODeadline) {
        self.configuration = configuration
        lastHeard = now
        nextPing = configuration.map { now + $0.interval }
    }

    /// When `timerFired(at:)` must be called next; nil for never. Changes with every call of a mutating method.
    public var nextDeadline: NIODeadline? {
        let promised = peerTimeToLive.map { lastHeard + $0 }
        return [nextPing, answerDeadline, promised].compactMap(\.self).min()
    }

    /// The peer said something.
    public mutating func received(at now: NIODeadline) {
        lastHeard = now
        answerDeadline = nil
    }

    /// The peer sent PING, which counts as saying something.
    ///
    /// - Returns: Whether the timer must be set anew, because the peer's promise is new.
    public mutating func receivedPing(timeToLive: TimeAmount, at now: NIODeadline) -> Bool {
        received(at: now)
        let promise = timeToLive > .zero ? timeToLive : nil
        defer { peerTimeToLive = promise }
        return promise != peerTimeToLive
    }

    public mutating func timerFired(at now: NIODeadline) -> Action {
        if let answerDeadline, now >= answerDeadline { return .close(silentFor: now - lastHeard) }
        if let peerTimeToLive, now >= lastHeard + peerTimeToLive { return .close(silentFor: now - lastHeard) }
        guard let configuration, let due = nextPing, now >= due else { return .wait }
        // From now and not from `due`: a loop that was held up must not send a burst.
        nextPing = now + configuration.interval
        answerDeadline = answerDeadline ?? now + configuration.timeout
        return .ping(Command.ping(.init(timeToLive: configuration.timeToLive)).encoded)
    }
}
