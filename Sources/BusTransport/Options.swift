package import NIOCore
package import ZMTP

/// How one connection behaves, whichever side began it.
package struct ConnectionOptions: Sendable {
    /// What we take from the peer.
    package var limits = Limits()
    /// From the TCP connection to the end of the ZMTP handshake.
    package var handshakeTimeout: TimeAmount = .seconds(30)
    /// Nil to send no PING; the peer's are always answered.
    package var heartbeat: Heartbeat.Configuration?
    /// How much may wait for a peer that does not read.
    package var sendQueue = SendQueueLimits()
    /// Nil for the system's default, which is no keepalive.
    package var keepAlive: KeepAlive?
    /// The version we announce; 3.0 makes peers use the older forms.
    package var version: Version = .v3_1

    package init() {}
}

/// The high-water mark of one peer: what may wait beyond what the socket itself has taken.
///
/// Raised, slow peers cost more memory; lowered, they lose messages (PUB) or their connection (ROUTER) sooner.
package struct SendQueueLimits: Sendable, Hashable {
    package var messages: Int
    package var bytes: Int

    package init(messages: Int = 1000, bytes: Int = 64 << 20) {
        self.messages = messages
        self.bytes = bytes
    }
}

/// TCP keepalive; nil leaves a value to the system.
package struct KeepAlive: Sendable, Hashable {
    /// Seconds of silence before the first probe.
    package var idleSeconds: Int?
    /// Seconds between probes.
    package var intervalSeconds: Int?
    /// Unanswered probes that end the connection.
    package var probes: Int?

    package init(idleSeconds: Int? = nil, intervalSeconds: Int? = nil, probes: Int? = nil) {
        self.idleSeconds = idleSeconds
        self.intervalSeconds = intervalSeconds
        self.probes = probes
    }
}

/// How a server listens.
package struct ServerOptions: Sendable {
    package var connection = ConnectionOptions()
    /// Connections that the kernel keeps until we accept them.
    package var backlog = 1000
    /// Further connections are closed at once and counted.
    package var maxConnections = 20_000
    /// The memory that unfinished messages of all connections may take together; each loop has its share.
    ///
    /// Beyond it the oldest ones go with their connections, first those of peers that nobody trusts. At least twice the
    /// largest message, since buffers double.
    package var maxHeldBytes = 512 << 20

    package init() {}
}

/// When to try again after a connection failed or was lost.
///
/// The first delay is random in `first`. Each further one is random between the lower end of `first` and three times
/// the delay before it, and never above `maximum`: a fleet that lost its controller does not come back in step.
package struct ReconnectPolicy: Sendable, Hashable {
    package var first: ClosedRange<TimeAmount>
    package var maximum: TimeAmount
    /// From the attempt to connect to the TCP connection.
    package var connectTimeout: TimeAmount = .seconds(10)

    package init(
        first: ClosedRange<TimeAmount> = .milliseconds(100)...(.milliseconds(300)),
        maximum: TimeAmount = .seconds(5)
    ) {
        self.first = first
        self.maximum = max(maximum, first.lowerBound)
    }
}

/// The delays between attempts, for one endpoint.
struct Backoff: Sendable {
    private let policy: ReconnectPolicy
    private var last: TimeAmount?

    init(_ policy: ReconnectPolicy) {
        self.policy = policy
    }

    /// The attempts since the last success.
    private(set) var failures = 0

    /// The delay before the next attempt.
    ///
    /// - Parameter random: From 0 to below 1, uniformly distributed.
    mutating func failed(random: Double) -> TimeAmount {
        let lower = policy.first.lowerBound.nanoseconds
        let upper = last.map { max(lower, min($0.nanoseconds * 3, policy.maximum.nanoseconds)) }
        let spread = Double((upper ?? policy.first.upperBound.nanoseconds) - lower)
        let delay = min(TimeAmount.nanoseconds(lower + Int64(spread * random)), policy.maximum)
        last = delay
        failures += 1
        return delay
    }

    /// A connection was made: begin anew.
    mutating func succeeded() {
        last = nil
        failures = 0
    }
}
