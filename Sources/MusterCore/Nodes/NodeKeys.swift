/// Where a node's key stands. The raw values are stable.
package enum KeyState: String, Sendable, Hashable, Codable, CaseIterable {
    case accepted, pending, rejected, denied
}

/// One key of the key store.
package struct KeyEntry: Sendable, Hashable, Codable {
    package var node: NodeID
    /// Nil after it was deleted.
    package var state: KeyState?
    /// Salt's colon-separated digest of the public key.
    package var fingerprint: String
    package init(node: NodeID, state: KeyState?, fingerprint: String) {
        self.node = node
        self.state = state
        self.fingerprint = fingerprint
    }
}

/// What to do to which keys.
package struct KeyChange: Sendable, Hashable, Codable {
    package enum Action: String, Sendable, Hashable, Codable {
        case accept, reject, delete
    }

    package var action: Action
    /// Globs of node ids; a key that matches any of them is meant.
    package var match: [String]
    /// The states it applies to; empty means the action's usual ones: accept and reject pending, delete all.
    package var states: [KeyState]
    package var user: String

    package init(action: Action, match: [String], states: [KeyState] = [], user: String) {
        self.action = action
        self.match = match
        self.states = states
        self.user = user
    }
}
