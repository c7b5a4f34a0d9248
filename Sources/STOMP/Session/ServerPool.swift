public import NIOCore

/// Which broker of a pool to try next, and how long to wait before.
///
/// The head of the list is tried and moves to the tail. The first attempt after a start or a lost connection is made at
/// once; each failure waits, twice as long as the one before up to a limit, and less by chance, so that a fleet does not
/// come back in step. Randomness is an argument.
///
/// Source: ruby-stomp 1.4.10, `connection.rb`, `change_host` and `increase_reconnect_delay`; the jitter is ours.
public struct ServerPool<Server: Sendable & Equatable>: Sendable {
    /// How attempts follow each other; the defaults are those of MCollective's connectors, and the jitter.
    public struct Policy: Sendable, Hashable {
        public var initialDelay: TimeAmount
        public var maxDelay: TimeAmount
        /// What the delay is multiplied by after each failure; 1 keeps it.
        public var multiplier: Int64
        /// The part of a delay that chance may take away, in percent; 0 to 100.
        public var jitterPercent: Int64
        /// The most attempts in a row; nil for no limit.
        public var maxAttempts: Int?
        /// Whether the order is drawn anew before each attempt.
        public var isShuffled: Bool

        public init(
            initialDelay: TimeAmount = .milliseconds(10),
            maxDelay: TimeAmount = .seconds(30),
            multiplier: Int64 = 2,
            jitterPercent: Int64 = 50,
            maxAttempts: Int? = nil,
            isShuffled: Bool = false
        ) {
            self.initialDelay = initialDelay
            self.maxDelay = maxDelay
            self.multiplier = max(1, multiplier)
            self.jitterPercent = min(max(0, jitterPercent), 100)
            self.maxAttempts = maxAttempts
            self.isShuffled = isShuffled
        }
    }

    /// One attempt to connect.
    public struct Attempt: Sendable, Equatable {
        public let server: Server
        /// How long to wait before.
        public let delay: TimeAmount
        /// 1 for the first since the last success.
        public let number: Int
    }

    /// The servers, the next one first.
    public private(set) var servers: [Server]
    private let policy: Policy
    private var failures = 0
    private var delay: TimeAmount

    /// - Parameter servers: In the order in which they are tried.
    public init(_ servers: [Server], policy: Policy = Policy()) {
        self.servers = servers
        self.policy = policy
        delay = policy.initialDelay
    }

    /// The next attempt; nil when the pool is empty, or there were enough.
    public mutating func next(using random: inout some RandomNumberGenerator) -> Attempt? {
        if let maxAttempts = policy.maxAttempts, failures >= maxAttempts { return nil }
        guard !servers.isEmpty else { return nil }
        if policy.isShuffled { servers.shuffle(using: &random) }
        let server = servers.removeFirst()
        servers.append(server)
        failures += 1
        guard failures > 1 else { return Attempt(server: server, delay: .zero, number: 1) }
        let less = delay.nanoseconds * policy.jitterPercent / 100
        let jittered = delay.nanoseconds - Int64.random(in: 0...less, using: &random)
        delay = min(policy.maxDelay, .nanoseconds(delay.nanoseconds * policy.multiplier))
        return Attempt(server: server, delay: .nanoseconds(jittered), number: failures)
    }

    /// A session was established: the next failure is the first again.
    public mutating func connected() {
        failures = 0
        delay = policy.initialDelay
    }
}
