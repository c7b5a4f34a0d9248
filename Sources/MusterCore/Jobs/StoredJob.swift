/// A node that a job waits for.
package struct Expectation: Sendable, Hashable, Codable {
    package var node: NodeID
    package var outcome: Outcome
    package init(node: NodeID, outcome: Outcome) {
        self.node = node
        self.outcome = outcome
    }
}

/// A job as the store knows it.
package struct StoredJob: Sendable, Hashable, Codable {
    package var job: Job
    /// When it began to go out to nodes; nil while it is held, and when it never did.
    package var sent: Timestamp?
    /// When the waiting ended; nil while the job is open.
    package var ended: Timestamp?
    package var expectedCount: Int
    /// How many expected nodes are in each outcome; kinds without nodes are left out.
    package var counts: [Outcome.Kind: Int]

    package init(
        job: Job, sent: Timestamp? = nil, ended: Timestamp?, expectedCount: Int, counts: [Outcome.Kind: Int]
    ) {
        self.job = job
        self.sent = sent
        self.ended = ended
        self.expectedCount = expectedCount
        self.counts = counts
    }
}

/// Which jobs to list.
package struct JobQuery: Sendable, Hashable, Codable {
    /// At most this many, newest first.
    package var limit: Int
    /// Only jobs older than this id, for the next page.
    package var before: JobID?
    /// Only jobs that still wait.
    package var onlyOpen: Bool
    /// Only jobs that call this function.
    package var function: String?

    package init(limit: Int = 50, before: JobID? = nil, onlyOpen: Bool = false, function: String? = nil) {
        self.limit = limit
        self.before = before
        self.onlyOpen = onlyOpen
        self.function = function
    }
}
