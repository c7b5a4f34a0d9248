public import NIOCore

/// What one side says about its heart-beats: the header `heart-beat:send,receive`, in milliseconds.
public struct HeartBeatOffer: Sendable, Hashable {
    /// The shortest time it can guarantee between what it sends; zero when it cannot.
    public var sends: TimeAmount
    /// How often it would like to hear something; zero when it does not care.
    public var wants: TimeAmount

    public init(sends: TimeAmount = .zero, wants: TimeAmount = .zero) {
        self.sends = sends
        self.wants = wants
    }

    /// No heart-beats, which is also what a missing header means.
    public static let none = HeartBeatOffer()

    /// Reads a header's value; nil when it is none. More than a day counts as a day.
    public init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
        guard parts.count == 2, let sends = Int64(parts[0]), let wants = Int64(parts[1]), sends >= 0, wants >= 0
        else { return nil }
        self.init(sends: .milliseconds(min(sends, 86_400_000)), wants: .milliseconds(min(wants, 86_400_000)))
    }

    /// The header's value.
    public var text: String { "\(sends.nanoseconds / 1_000_000),\(wants.nanoseconds / 1_000_000)" }

    /// How often this side must send, given what the other wants; nil for never.
    ///
    /// Spec: STOMP 1.2, "Heart-beating".
    public func interval(toward other: HeartBeatOffer) -> TimeAmount? {
        guard sends > .zero, other.wants > .zero else { return nil }
        return max(sends, other.wants)
    }
}

/// When to send a heart-beat to one peer, and when to give it up: half-open connections are found here.
///
/// Time is an argument: ask for `nextDeadline`, and call `timerFired(at:)` then. Neither what is sent nor what is received
/// moves the timer, so that a busy connection need not touch it: a timer that fires too early is told to wait. The peer
/// may be late by as much again as its interval, as RabbitMQ and ActiveMQ allow, too.
public struct HeartBeat: Sendable {
    public enum Action: Sendable, Equatable {
        /// Send one LF.
        case beat
        /// Nothing now.
        case wait
        /// The peer is gone.
        case close(silentFor: TimeAmount)
    }

    private let sendInterval: TimeAmount?
    private let patience: TimeAmount?
    private var lastSent: NIODeadline
    private var lastHeard: NIODeadline

    /// The heart-beats that two offers make.
    public init(ours: HeartBeatOffer, theirs: HeartBeatOffer, now: NIODeadline) {
        // Sent in good time: what leaves at the last moment arrives too late.
        sendInterval = ours.interval(toward: theirs).map { .nanoseconds($0.nanoseconds * 3 / 4) }
        patience = theirs.interval(toward: ours).map { .nanoseconds($0.nanoseconds * 2) }
        (lastSent, lastHeard) = (now, now)
    }

    /// When `timerFired(at:)` must be called next; nil for never.
    public var nextDeadline: NIODeadline? {
        [sendInterval.map { lastSent + $0 }, patience.map { lastHeard + $0 }].compactMap(\.self).min()
    }

    /// The peer said something, were it one LF.
    public mutating func received(at now: NIODeadline) { lastHeard = now }

    /// Something was sent.
    public mutating func sent(at now: NIODeadline) { lastSent = now }

    public mutating func timerFired(at now: NIODeadline) -> Action {
        if let patience, now >= lastHeard + patience { return .close(silentFor: now - lastHeard) }
        guard let sendInterval, now >= lastSent + sendInterval else { return .wait }
        lastSent = now
        return .beat
    }
}
