/// A node's last sign of life.
package struct NodeContact: Sendable, Hashable, Codable {
    package var time: Timestamp
    /// Whether it was connected then: false is what a closed connection notes.
    package var isConnected: Bool
    /// The address of the peer's host; nil leaves the stored one.
    package var address: String?
    package init(time: Timestamp, isConnected: Bool, address: String? = nil) {
        self.time = time
        self.isConnected = isConnected
        self.address = address
    }
}

/// A node as the store knows it.
package struct StoredNode: Sendable, Hashable {
    package var id: NodeID
    package var contact: NodeContact?
    package var facts: NodeReturn.Body?
    package var factsTime: Timestamp?

    package init(id: NodeID, contact: NodeContact?, facts: NodeReturn.Body?, factsTime: Timestamp?) {
        self.id = id
        self.contact = contact
        self.facts = facts
        self.factsTime = factsTime
    }
}

/// What a node told of itself, as the store keeps it.
package struct StoredFacts: Sendable, Hashable {
    package var node: NodeID
    package var body: NodeReturn.Body

    package init(node: NodeID, body: NodeReturn.Body) {
        self.node = node
        self.body = body
    }
}
