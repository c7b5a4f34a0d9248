/// How long things are kept.
package struct Retention: Sendable, Hashable {
    /// Jobs that ended longer ago than this go with their returns, events that happened longer ago too.
    package var age: Duration
    /// When the store is larger than this many bytes, the oldest go first; nil is no limit.
    package var bytes: Int?
    package init(age: Duration, bytes: Int? = nil) {
        self.age = age
        self.bytes = bytes
    }
}

/// Whether the store takes writes, and how much it holds.
package struct StoreHealth: Sendable, Hashable, Codable {
    /// Nil while writes work; otherwise what happened and since when.
    package var failure: String?
    package var failingSince: Timestamp?
    /// Writes submitted and not yet committed.
    package var pendingWrites: Int
    package var sizeBytes: Int
    package init(failure: String?, failingSince: Timestamp?, pendingWrites: Int, sizeBytes: Int) {
        self.failure = failure
        self.failingSince = failingSince
        self.pendingWrites = pendingWrites
        self.sizeBytes = sizeBytes
    }
}
