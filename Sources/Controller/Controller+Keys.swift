package import MusterCore
import SaltProtocol

extension Controller {
    package func keys() async throws -> [KeyEntry] { keys.entries() }

    package func ownFingerprint() async throws -> String { try PEM.fingerprint(of: keys.own.publicKey.pem) }

    package func change(_ change: KeyChange) async throws -> [KeyEntry] {
        let globs = change.match.map(Glob.init)
        let states = change.states.isEmpty ? change.action.usualStates : Set(change.states)
        let meant = keys.entries().filter { entry in
            entry.state.map(states.contains) ?? false && globs.contains { $0.matches(entry.node.text) }
        }
        guard !meant.isEmpty else { throw ControllerError.noKeyMatched(change.match) }
        var changed: [KeyEntry] = []
        var unchanged: [NodeID] = []
        var reason = ""
        var hasRemoved = false
        for entry in meant {
            do {
                // False: another program took the key away meanwhile.
                guard try keys.deciding({ try apply(change.action, to: entry) }) else { continue }
            } catch {
                if unchanged.isEmpty { reason = "\(error)" }
                unchanged.append(entry.node)
                continue
            }
            hasRemoved = hasRemoved || (entry.state == .accepted && change.action != .accept)
            changed.append(
                KeyEntry(node: entry.node, state: change.action.resultingState, fingerprint: entry.fingerprint))
        }
        // Whatever became of the others: what is changed is told, and takes effect.
        tell(change, changed)
        if hasRemoved, configuration.rotatesKeyOnRemoval { try fabric.rotateKey() }
        guard unchanged.isEmpty else { throw ControllerError.keysUnchanged(unchanged, reason: reason) }
        guard !changed.isEmpty else { throw ControllerError.noKeyMatched(change.match) }
        return changed
    }

    /// To the very key of the entry: a denied key is judged apart from the node's own.
    ///
    /// - Returns: false when it is not there any more.
    private func apply(_ action: KeyChange.Action, to entry: KeyEntry) throws -> Bool {
        switch action {
        case .accept: return try keys.move(entry.node, from: entry.state, to: .accepted)
        case .reject: return try keys.move(entry.node, from: entry.state, to: .rejected)
        case .delete:
            let isDeleted = try keys.delete(entry.node, from: entry.state)
            if keys.state(of: entry.node) == nil { nodeIndex.forget(entry.node) }
            return isDeleted
        }
    }

    private func tell(_ change: KeyChange, _ changed: [KeyEntry]) {
        var writes: [StoreWrite] = []
        for entry in changed {
            if change.action == .delete, keys.state(of: entry.node) == nil { writes.append(.forget(entry.node)) }
            writes.append(.event(.keyChanged(entry.node, change.action, at: now())))
            audit("key \(change.action.rawValue)", by: change.user, ["node.id": entry.node.text])
        }
        guard !writes.isEmpty else { return }
        // The keys are changed already; that the event is missing is the store's trouble and shows in its health.
        let signal = eventSignal
        store.submit(writes) { if case .success(let commit) = $0 { signal.advance(to: commit.newestSequence) } }
    }
}

extension KeyChange.Action {
    /// The states whose keys an action means when none are named.
    fileprivate var usualStates: Set<KeyState> {
        switch self {
        case .accept: [.pending]
        case .reject: [.pending]
        case .delete: Set(KeyState.allCases)
        }
    }

    fileprivate var resultingState: KeyState? {
        switch self {
        case .accept: .accepted
        case .reject: .rejected
        case .delete: nil
        }
    }
}

extension Event {
    /// Salt's `salt/key`.
    fileprivate static func keyChanged(_ node: NodeID, _ action: KeyChange.Action, at time: Timestamp) -> Event {
        Event(
            tag: "salt/key", time: time,
            data: [
                "result": true, "act": .string(action.rawValue), "id": .string(node.text),
                "_stamp": .string(time.iso8601),
            ])
    }
}
