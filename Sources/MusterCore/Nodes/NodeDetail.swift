/// One line about a node.
package struct NodeSummary: Sendable, Hashable, Codable {
    package var node: NodeID
    package var keyState: KeyState?
    package var contact: NodeContact?
    /// What it runs, from its facts: `Salt 3008.5`, `Muster 0.1.0`; nil while unknown.
    package var version: String?
    /// `Debian 12`; nil while unknown.
    package var system: String?

    package init(node: NodeID, keyState: KeyState?, contact: NodeContact?, version: String?, system: String?) {
        self.node = node
        self.keyState = keyState
        self.contact = contact
        self.version = version
        self.system = system
    }
}

/// All about a node.
package struct NodeDetail: Sendable, Hashable, Codable {
    package var summary: NodeSummary
    package var fingerprint: String?
    package var facts: ValueMap
    package var factsTime: Timestamp?

    package init(summary: NodeSummary, fingerprint: String?, facts: ValueMap, factsTime: Timestamp?) {
        self.summary = summary
        self.fingerprint = fingerprint
        self.facts = facts
        self.factsTime = factsTime
    }
}
