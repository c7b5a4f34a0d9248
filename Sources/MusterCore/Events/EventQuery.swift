/// Which events.
package struct EventQuery: Sendable, Hashable, Codable {
    /// A glob over the whole tag; `*` means all.
    package var tag: String
    /// Events after this sequence number; nil means from now on.
    package var after: Int64?
    /// Whether the stream goes on with what happens from now on.
    package var follows: Bool

    package init(tag: String = "*", after: Int64? = nil, follows: Bool = true) {
        self.tag = tag
        self.after = after
        self.follows = follows
    }
}

/// Events, or the honest word that some are missing.
package enum EventBatch: Sendable, Hashable {
    case events([Event])
    /// The subscriber was too slow or its cursor too old: this many numbers were skipped.
    case gap(after: Int64, count: Int64)
}
