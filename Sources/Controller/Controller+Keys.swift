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
        for entry in meant {
            try apply(change.action, to: entry)
            changed.append(
                KeyEntry(node: entry.node, state: change.action.resultingState, fingerprint: entry.fingerprint))
        }
        try await tell(change, changed)
        if change.action != .accept, configuration.rotatesKeyOnRemoval,
            meant.contains(where: { $0.state == .accepted })
        {
            try fabric.rotateKey()
        }
        return changed
    }

    /// To the very key of the entry: a denied key is judged apart from the node's own.
    private func apply(_ action: KeyChange.Action, to entry: KeyEntry) throws {
        switch action {
        case .accept: _ = try keys.move(entry.node, from: entry.state, to: .accepted)
        case .reject: _ = try keys.move(entry.node, from: entry.state, to: .rejected)
        case .delete:
            _ = try keys.delete(entry.node, from: entry.state)
            if keys.state(of: entry.node) == nil { nodeIndex.forget(entry.node) }
        }
    }

    private func tell(_ change: KeyChange, _ changed: [KeyEntry]) async throws {
        var writes: [StoreWrite] = []
        for entry in changed {
            if change.action == .delete, keys.state(of: entry.node) == nil { writes.append(.forget(entry.node)) }
            writes.append(.event(.keyChanged(entry.node, change.action, at: now())))
            audit("key \(change.action.rawValue)", by: change.user, ["node.id": entry.node.text])
        }
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
