import DequeModule
import NIOCore
package import STOMP

/// A broker's virtual host: topics, queues, exchanges, and the connections that use them. Frames in, actions out.
///
/// No socket, no clock, no disk: give each frame of an accepted connection to `received(_:from:at:)`, then perform
/// `takeActions()`. Say what has left the machine with `flushed(_:bytes:at:)`, what is on disk with `committed(upTo:)`, that a
/// connection is gone with `disconnected(_:at:)`, and that time passes with `tick(at:)`.
///
/// Owned by one event loop. Everything per message is done there and then: a message is copied once, and each of its
/// subscribers gets that one copy.
package final class VirtualHost {
    package let name: String
    package let limits: BrokerLimits
    package internal(set) var statistics = BrokerStatistics()
    /// Where persistent messages are kept; nil to keep them like all others.
    let log: (any MessageLog)?
    /// What `message-id` begins with; tells one run of the broker from another.
    let idPrefix: String
    /// Makes a name that nobody guesses.
    let makeSecretName: () -> String

    /// The connections that have not left.
    private var peers: [ObjectIdentifier: Peer] = [:]
    var now = Moment(milliseconds: 0)
    var lastID: UInt64 = 0
    var queues: [String: MessageQueue] = [:]
    /// Temporary queues by their secret names.
    var replyQueues: [String: MessageQueue] = [:]
    let topics = TopicTable()
    let plainTopics = TopicTable()
    var exchanges: [String: TopicTable] = [:]
    /// The bytes that all queues hold.
    var storedBytes = 0
    /// The bytes that wait for slow subscribers of topics.
    var backlogBytes = 0
    /// The bytes in open transactions.
    var transactionBytes = 0
    private var actions: [BrokerAction] = []
    /// What may happen when the log is on disk so far, in order.
    private var awaiting: Deque<(position: LogPosition, action: BrokerAction)> = []
    private var appended = LogPosition.start
    private var committed = LogPosition.start

    /// - Parameters:
    ///   - idPrefix: Should end in a hyphen, and be another one in each run.
    ///   - makeSecretName: Called for each reply queue: who knows its name may send to it.
    package init(
        name: String, limits: BrokerLimits = BrokerLimits(), log: (any MessageLog)? = nil, idPrefix: String,
        makeSecretName: @escaping () -> String
    ) {
        self.name = name
        self.limits = limits
        self.log = log
        self.idPrefix = idPrefix
        self.makeSecretName = makeSecretName
    }

    /// A connection was accepted.
    package func connect(version: Version, access: any AccessRules) -> Peer {
        let peer = Peer(version: version, access: access, maxPendingBytes: limits.maxPendingBytes)
        peers[ObjectIdentifier(peer)] = peer
        return peer
    }

    /// What the user of a connection may do has changed. What it has subscribed to stays.
    package func setAccess(_ access: any AccessRules, of peer: Peer) {
        peer.access = access
        peer.lastDestination = []
        peer.lastRoute = nil
    }

    /// How many connections there are.
    package var connectionCount: Int { peers.count }

    /// A frame came. After one that fails the connection has left: further frames mean nothing.
    package func received(_ frame: Frame, from peer: Peer, at now: Moment) {
        guard !peer.isGone else { return }
        self.now = now
        do throws(BrokerError) {
            switch frame.command {
            case .send: try send(frame, from: peer)
            case .ack: try acknowledge(frame, from: peer)
            case .nack: try refuse(frame, from: peer)
            case .subscribe: try subscribe(frame, from: peer)
            case .unsubscribe: try unsubscribe(frame, from: peer)
            case .begin: try begin(frame, from: peer)
            case .commit: try commit(frame, from: peer)
            case .abort: try abort(frame, from: peer)
            case .disconnect: disconnect(frame, from: peer)
            case .connect, .stomp, .connected, .message, .receipt, .error:
                throw .unexpectedCommand(frame.command)
            }
        } catch {
            statistics.refused += 1
            if case .accessRefused = error { statistics.denied += 1 }
            perform(.fail(error, about: frame, peer))
            leave(peer)
        }
    }

    /// A connection is gone, goodbye or not.
    package func disconnected(_ peer: Peer, at now: Moment) {
        self.now = now
        leave(peer)
    }

    /// Bytes of deliveries have left the machine.
    package func flushed(_ peer: Peer, bytes: Int, at now: Moment) {
        self.now = now
        peer.pendingBytes -= bytes
        guard peer.pendingBytes <= limits.maxPendingBytes / 2, !peer.parked.isEmpty else { return }
        // Whoever fills the room goes to the end of the line.
        let consumers = peer.takeParked()
        let first = consumers.firstIndex { consumer in
            pump(consumer)
            return !peer.hasRoom
        }
        guard let first else { return }
        let passed = peer.parked
        peer.parked = []
        for consumer in consumers[(first + 1)...] { consumer.park() }
        peer.parked += passed
    }

    /// The log is on disk up to here: receipts go out.
    package func committed(upTo position: LogPosition) {
        committed = max(committed, position)
        while let first = awaiting.first, first.position <= committed {
            awaiting.removeFirst()
            perform(first.action)
        }
    }

    /// What is over is removed. Once a second is often enough: nothing that is over is ever delivered.
    package func tick(at now: Moment) {
        self.now = now
        for queue in Array(queues.values) + Array(replyQueues.values) {
            queue.published.tick()
            queue.delivered.tick()
            if queue.waiting.earliestExpiry <= now { expire(queue.takeExpired(at: now), from: queue) }
            // Also those that were only named: in a transaction that was aborted, or by a message that was over.
            reap(queue)
        }
    }

    /// The actions since the last call, in order.
    package func takeActions() -> [BrokerAction] {
        // A new array each time: the caller iterates without a copy, and may call back meanwhile.
        defer { actions = [] }
        return actions
    }

    func perform(_ action: BrokerAction) { actions.append(action) }

    /// Performs an action when everything that this connection has done is on disk.
    func performWhenCommitted(_ action: BrokerAction, for peer: Peer) {
        if peer.position <= committed {
            perform(action)
        } else {
            awaiting.append((appended, action))
        }
    }

    /// Confirms a frame that asked for it.
    func confirm(_ frame: Frame, for peer: Peer) {
        if let receipt = frame.headers["receipt"] { confirm(receipt, for: peer) }
    }

    func confirm(_ receipt: String, for peer: Peer) {
        let headers = Headers(["receipt-id": receipt], escaping: peer.version.escaping)
        let bytes = Frame(.receipt, headers: headers).encodedWithLineEnd(for: peer.version)
        performWhenCommitted(.confirm(bytes, peer), for: peer)
    }

    /// Writes to the log on behalf of a connection, whose receipts then wait for it.
    func record(_ entries: [LogEntry], for peer: Peer?) throws(BrokerError) {
        guard let log, !entries.isEmpty else { return }
        appended = try log.append(entries)
        peer?.position = appended
    }

    private func disconnect(_ frame: Frame, from peer: Peer) {
        leave(peer)
        confirm(frame, for: peer)
        performWhenCommitted(.close(peer), for: peer)
    }

    private func leave(_ peer: Peer) {
        guard !peer.isGone else { return }
        peer.isGone = true
        peers[ObjectIdentifier(peer)] = nil
        for transaction in peer.transactions.values { transactionBytes -= transaction.bytes }
        peer.transactions = [:]
        let (consumers, holders) = (peer.consumers.values, peer.holders)
        (peer.consumers, peer.holders, peer.parked) = ([:], [], [])
        // First all end, so that nothing goes from one of them to another.
        for consumer in consumers { end(consumer) }
        for consumer in holders { giveBack(consumer.unacknowledged, of: consumer) }
        for queue in peer.temporaries.values { drop(queue) }
        peer.temporaries = [:]
        peer.lastRoute = nil
    }
}
