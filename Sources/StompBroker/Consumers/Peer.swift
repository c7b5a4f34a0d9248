package import STOMP

/// One connection, as its virtual host knows it.
///
/// Owned by the event loop of the virtual host; made by ``VirtualHost/connect(version:access:)``.
package final class Peer {
    package let version: Version
    /// Whoever performs the actions for this connection; the virtual host never looks at it.
    package var owner: AnyObject?
    var access: any AccessRules
    let maxPendingBytes: Int
    /// What was handed out and has not left the machine.
    package internal(set) var pendingBytes = 0
    /// By key.
    var consumers: [String: Consumer] = [:]
    /// Those that acknowledge what they get, also the ones that have ended and still hold messages.
    var holders: [Consumer] = []
    /// Those that wait for room or credit.
    var parked: [Consumer] = []
    /// Queues of this connection alone, by the names that it gave them.
    var temporaries: [String: MessageQueue] = [:]
    var transactions: [String: Transaction] = [:]
    /// The destination of its last SEND, as it was written, and where that leads.
    var lastDestination: [UInt8] = []
    var lastRoute: Route?
    /// How far the log must be on disk before a receipt of this connection may go out.
    var position = LogPosition.start
    /// Whether it has left, or was told to.
    package internal(set) var isGone = false
    private var numbers = 0

    init(version: Version, access: any AccessRules, maxPendingBytes: Int) {
        self.version = version
        self.access = access
        self.maxPendingBytes = maxPendingBytes
    }

    /// How many subscriptions it has, and how many messages it has not acknowledged.
    var subscriptionCount: Int { consumers.count }
    var unacknowledgedCount: Int { holders.reduce(0) { $0 + $1.unacknowledged.count } }

    /// Whether more may be handed out.
    var hasRoom: Bool { pendingBytes < maxPendingBytes }

    func nextNumber() -> Int {
        numbers += 1
        return numbers
    }
}
