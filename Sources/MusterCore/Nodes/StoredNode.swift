/// A node's last sign of life.
package struct NodeContact: Sendable, Hashable, Codable {
    package var time: Timestamp
    /// Whether it was connected then: false is what a closed connection notes.
    package var isConnected: Bool
    /// `HOST:PORT` of the peer; nil leaves the stored one.
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
