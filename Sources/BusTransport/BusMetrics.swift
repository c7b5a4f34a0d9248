/// What a socket has seen; every number but `openConnections` and `heldBytes` only grows.
package struct BusMetrics: Sendable, Equatable {
    /// Connections whose handshake is over.
    package var openConnections = 0
    /// TCP connections accepted or made.
    package var startedConnections = 0
    /// Closed by the peer before a word was said.
    package var probes = 0
    /// Closed for breaking the protocol, or refused by the peer.
    package var violations = 0
    package var handshakeTimeouts = 0
    /// Closed for not answering PING.
    package var heartbeatTimeouts = 0
    /// Closed because a newcomer had the same identity.
    package var replacedConnections = 0
    /// Closed for not reading.
    package var sendQueueOverflows = 0
    /// Closed at once since there were too many.
    package var excessConnections = 0
    /// Closed for the memory that their unfinished messages took.
    package var reclaimedConnections = 0
    /// Memory that unfinished messages take now.
    package var heldBytes = 0
    /// Closed to make room for another address, when there were too many.
    package var displacedConnections = 0
    /// Connections that the system could not give us: out of descriptors or memory.
    package var acceptFailures = 0
    package var receivedMessages = 0
    package var receivedBytes = 0
    /// Messages given to a connection, fan-out counted for each peer.
    package var sentMessages = 0
    /// Messages that a peer did not get because too many were waiting for it, or because it had gone.
    package var droppedMessages = 0

    package init() {}

    mutating func count(_ reason: CloseReason) {
        switch reason {
        case .probe: probes += 1
        case .violation: violations += 1
        case .handshakeTimeout: handshakeTimeouts += 1
        case .silent: heartbeatTimeouts += 1
        case .replaced: replacedConnections += 1
        case .sendQueueFull: sendQueueOverflows += 1
        case .tooManyConnections: excessConnections += 1
        case .memoryNeeded: reclaimedConnections += 1
        case .displaced: displacedConnections += 1
        case .closedByPeer, .failed, .requestAbandoned, .shutDown: break
        }
    }

    static func + (left: BusMetrics, right: BusMetrics) -> BusMetrics {
        var sum = left
        sum.openConnections += right.openConnections
        sum.startedConnections += right.startedConnections
        sum.probes += right.probes
        sum.violations += right.violations
        sum.handshakeTimeouts += right.handshakeTimeouts
        sum.heartbeatTimeouts += right.heartbeatTimeouts
        sum.replacedConnections += right.replacedConnections
        sum.sendQueueOverflows += right.sendQueueOverflows
        sum.excessConnections += right.excessConnections
        sum.reclaimedConnections += right.reclaimedConnections
        sum.heldBytes += right.heldBytes
        sum.displacedConnections += right.displacedConnections
        sum.acceptFailures += right.acceptFailures
        sum.receivedMessages += right.receivedMessages
        sum.receivedBytes += right.receivedBytes
        sum.sentMessages += right.sentMessages
        sum.droppedMessages += right.droppedMessages
        return sum
    }
}
