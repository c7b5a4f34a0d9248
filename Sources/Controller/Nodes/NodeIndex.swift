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

        mutating func shift(by step: Duration) {
            lastHeard = lastHeard + step
            lastNoted = lastNoted.map { $0 + step }
        }
    }

    /// A host with open subscriptions or known nodes.
    private struct Host {
        var subscriptions = 0
        /// When its last subscription went.
        var lastLeft: Timestamp?
        var nodes: Set<NodeID> = []

        mutating func shift(by step: Duration) { lastLeft = lastLeft.map { $0 + step } }
    }

    private struct State {
        var nodes: [NodeID: Entry] = [:]
        var hosts: [String: Host] = [:]
        /// What the store knew at start, for nodes not heard from since.
        var remembered: [NodeID: NodeContact] = [:]
        /// How many nodes were connected from a host when the controller stopped.
        var rememberedCounts: [String: Int] = [:]
        /// Whether there is a broker to connect to, and that has not happened yet.
        var awaitsBus = false

        /// The node is at a host now, and nowhere else.
        mutating func place(_ node: NodeID, at host: String?) {
            if let old = nodes[node]?.host {
                hosts[old]?.nodes.remove(node)
                sweep(old)
            }
            if let host { hosts[host, default: Host()].nodes.insert(node) }
        }

        /// Forgets a host that has become nothing.
        mutating func sweep(_ name: String) {
            if let host = hosts[name], host.subscriptions == 0, host.nodes.isEmpty { hosts[name] = nil }
        }

        func isConnected(_ entry: Entry) -> Bool { (hosts[entry.host]?.subscriptions ?? 0) > 0 }
    }

    private let state = Mutex(State())
    /// How often at most a node's contact is written while nothing else changes.
    private let noteInterval: Duration

    /// - Parameter remembered: what the store knew at the start.
    package init(remembered: [NodeID: NodeContact] = [:], noteInterval: Duration = .seconds(60)) {
        self.noteInterval = noteInterval
        state.withLock { state in
            state.remembered = remembered
            for contact in remembered.values where contact.isConnected {
                if let host = contact.address { state.rememberedCounts[host, default: 0] += 1 }
            }
        }
    }

    /// A request of the node was authenticated.
    ///
    /// - Returns: what to store, nil when the store knows enough.
    package func heard(_ node: NodeID, from host: String, at now: Timestamp) -> NodeContact? {
        state.withLock { state in
            // Almost always it is at the same host and known to the store: one look-up, and nothing else.
            if let place = state.nodes.index(forKey: node), state.nodes.values[place].host == host,
                let noted = state.nodes.values[place].lastNoted, now - noted < noteInterval
            {
                state.nodes.values[place].lastHeard = max(state.nodes.values[place].lastHeard, now)
                return nil
            }
            var entry = state.nodes[node] ?? Entry(lastHeard: now, host: host)
            let isDue = entry.lastNoted.map { now - $0 >= noteInterval } ?? true
            let hasMoved = entry.host != host
            entry.lastHeard = max(entry.lastHeard, now)
            if hasMoved || state.nodes[node] == nil { state.place(node, at: host) }
            entry.host = host
            if isDue || hasMoved { entry.lastNoted = now }
            state.nodes[node] = entry
            return isDue || hasMoved ? NodeContact(time: now, isConnected: true, address: host) : nil
        }
    }

    /// The name under which the nodes behind a broker stand here: their addresses are not known, and all of them can be
    /// reached as long as the broker can.
    private static let bus = "the collective"

    /// A node behind a broker was heard from.
    ///
    /// - Returns: as `heard(_:from:at:)`, without an address: after a start nobody waits for it to come back.
    package func heardOverBus(_ node: NodeID, at now: Timestamp) -> NodeContact? {
        var contact = heard(node, from: NodeIndex.bus, at: now)
        contact?.address = nil
        return contact
    }

    /// There is a broker to connect to: until that has happened, nodes that were behind it are waited for.
    package func expectBus() { state.withLock { $0.awaitsBus = true } }

    /// The broker has taken us, or is gone.
    package func busChanged(isConnected: Bool, at now: Timestamp) {
        state.withLock { $0.awaitsBus = false }
        if isConnected { subscribed(from: NodeIndex.bus) } else { _ = unsubscribed(from: NodeIndex.bus, at: now) }
    }

    /// A subscription came up.
    package func subscribed(from host: String) {
        state.withLock { state in
            state.hosts[host, default: Host()].subscriptions += 1
            state.hosts[host]?.lastLeft = nil
        }
    }

    /// A subscription went.
    ///
    /// - Returns: the nodes that thereby are certainly not connected any more, with what to store; sorted.
    package func unsubscribed(from name: String, at now: Timestamp) -> [(NodeID, NodeContact)] {
        state.withLock { state in
            guard var host = state.hosts[name], host.subscriptions > 0 else { return [] }
            host.subscriptions -= 1
            if host.subscriptions == 0 { host.lastLeft = now }
            state.hosts[name] = host
            guard host.subscriptions == 0 else { return [] }
            state.sweep(name)
            return host.nodes.sorted().map { node in
                state.nodes[node]?.lastNoted = nil
                return (node, NodeContact(time: now, isConnected: false, address: name))
            }
        }
    }

    /// What silence of a node means now.
    package func contact(of node: NodeID) -> JobTracker.Contact {
        state.withLock { state in
            guard let entry = state.nodes[node] else {
                return state.remembered[node].map { .heard($0.time) } ?? .never
            }
            // Behind a broker nobody is seen to go.
            guard !state.isConnected(entry), entry.host != NodeIndex.bus else { return .heard(entry.lastHeard) }
            return .gone(since: state.hosts[entry.host]?.lastLeft ?? entry.lastHeard)
        }
    }

    /// Whether the node was heard from in this controller's life and its host holds a subscription.
    package func isConnected(_ node: NodeID) -> Bool {
        state.withLock { state in
            guard let entry = state.nodes[node] else { return false }
            return state.isConnected(entry)
        }
    }

    /// Whether the node was connected when the controller stopped and has not come back yet: its host holds fewer
    /// subscriptions than it had nodes.
    package func isAwaited(_ node: NodeID) -> Bool {
        state.withLock { state in
            guard let contact = state.remembered[node], contact.isConnected else { return false }
            guard let host = contact.address else { return state.awaitsBus }
            if let entry = state.nodes[node], entry.host != host { return false }
            return (state.hosts[host]?.subscriptions ?? 0) < (state.rememberedCounts[host] ?? 0)
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
            let isConnected = state.isConnected(entry)
            let left = isConnected ? nil : state.hosts[entry.host]?.lastLeft
            let time = max(entry.lastHeard, left ?? entry.lastHeard)
            return NodeContact(time: time, isConnected: isConnected, address: entry.host)
        }
    }

    /// The clock was set: what was noted by the old time is turned into the new one, so that it compares with what comes.
    package func clockStepped(by step: Duration) {
        state.withLock { state in
            for node in state.nodes.keys { state.nodes[node]?.shift(by: step) }
            for host in state.hosts.keys { state.hosts[host]?.shift(by: step) }
        }
    }

    /// How many nodes count as connected.
    package var connectedCount: Int {
        state.withLock { state in
            state.hosts.values.reduce(0) { $0 + ($1.subscriptions > 0 ? $1.nodes.count : 0) }
        }
    }

    /// Forgets a node whose key was deleted.
    package func forget(_ node: NodeID) {
        state.withLock { state in
            state.place(node, at: nil)
            state.nodes[node] = nil
            if let contact = state.remembered.removeValue(forKey: node), contact.isConnected, let host = contact.address
            {
                state.rememberedCounts[host, default: 0] -= 1
            }
        }
    }
}
