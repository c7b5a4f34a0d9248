package import MusterCore
import Synchronization

/// Who was heard from, when and from which host, and which hosts hold a subscription.
///
/// A Salt subscription does not say whose it is; a node counts as connected while its host holds one. Written from
/// event loops, read by the job engine; owned by a `Mutex`.
package final class NodeIndex: Sendable {
    private struct Entry {
        var lastHeard: Timestamp
        var host: String
        /// When the contact was last handed to the store.
        var lastNoted: Timestamp?
    }

    private struct State {
        var nodes: [NodeID: Entry] = [:]
        /// Open subscriptions by host, and when the last one of a host went.
        var subscriptions: [String: Int] = [:]
        var lastLeft: [String: Timestamp] = [:]
        /// What the store knew at start, for nodes not heard from since.
        var remembered: [NodeID: NodeContact] = [:]
    }

    private let state = Mutex(State())
    /// How often at most a node's contact is written while nothing else changes.
    private let noteInterval: Duration

    package init(remembered: [StoredNode] = [], noteInterval: Duration = .seconds(60)) {
        self.noteInterval = noteInterval
        state.withLock { state in
            for node in remembered { state.remembered[node.id] = node.contact }
        }
    }

    /// A request of the node was authenticated.
    ///
    /// - Returns: what to store, nil when the store knows enough.
    package func heard(_ node: NodeID, from host: String, at now: Timestamp) -> NodeContact? {
        state.withLock { state in
            var entry = state.nodes[node] ?? Entry(lastHeard: now, host: host)
            let isDue = entry.lastNoted.map { now - $0 >= noteInterval } ?? true
            let hasMoved = entry.host != host
            entry.lastHeard = max(entry.lastHeard, now)
            entry.host = host
            if isDue || hasMoved { entry.lastNoted = now }
            state.nodes[node] = entry
            return isDue || hasMoved ? NodeContact(time: now, isConnected: true, address: host) : nil
        }
    }

    /// A subscription came up.
    package func subscribed(from host: String) {
        state.withLock { state in
            state.subscriptions[host, default: 0] += 1
            state.lastLeft[host] = nil
        }
    }

    /// A subscription went.
    ///
    /// - Returns: the nodes that thereby are certainly not connected any more, with what to store.
    package func unsubscribed(from host: String, at now: Timestamp) -> [(NodeID, NodeContact)] {
        state.withLock { state in
            let left = (state.subscriptions[host] ?? 0) - 1
            guard left <= 0 else {
                state.subscriptions[host] = left
                return []
            }
            state.subscriptions[host] = nil
            state.lastLeft[host] = now
            if state.lastLeft.count > 100_000 { state.lastLeft.removeAll() }
            return state.nodes.filter { $0.value.host == host }.map { node, entry in
                state.nodes[node]?.lastNoted = nil
                return (node, NodeContact(time: now, isConnected: false, address: entry.host))
            }
        }
    }

    /// What silence of a node means now.
    package func contact(of node: NodeID) -> JobTracker.Contact {
        state.withLock { state in
            guard let entry = state.nodes[node] else {
                return state.remembered[node].map { .heard($0.time) } ?? .never
            }
            guard (state.subscriptions[entry.host] ?? 0) == 0 else { return .heard(entry.lastHeard) }
            return .gone(since: state.lastLeft[entry.host] ?? entry.lastHeard)
        }
    }

    /// Whether the node was heard from in this controller's life and its host holds a subscription.
    package func isConnected(_ node: NodeID) -> Bool {
        state.withLock { state in
            guard let entry = state.nodes[node] else { return false }
            return (state.subscriptions[entry.host] ?? 0) > 0
        }
    }

    /// The last contact as an operator sees it, nil when there never was one.
    package func lastContact(of node: NodeID) -> NodeContact? {
        state.withLock { state in
            guard let entry = state.nodes[node] else {
                guard var contact = state.remembered[node] else { return nil }
                contact.isConnected = false
                return contact
            }
            let isConnected = (state.subscriptions[entry.host] ?? 0) > 0
            let time =
                isConnected ? entry.lastHeard : max(entry.lastHeard, state.lastLeft[entry.host] ?? entry.lastHeard)
            return NodeContact(time: time, isConnected: isConnected, address: entry.host)
        }
    }

    /// How many nodes count as connected.
    package var connectedCount: Int {
        state.withLock { state in
            state.nodes.values.reduce(0) { $0 + ((state.subscriptions[$1.host] ?? 0) > 0 ? 1 : 0) }
        }
    }

    /// Forgets a node whose key was deleted.
    package func forget(_ node: NodeID) {
        state.withLock { state in
            state.nodes[node] = nil
            state.remembered[node] = nil
        }
    }
}
