/// A job as an operator asks for it.
package struct JobRequest: Sendable, Hashable, Codable {
    package var calls: [FunctionCall]
    package var target: Target
    /// Who asks, for the audit log; the server replaces it by what it knows of the peer.
    package var user: String
    /// How long a silent node is waited for before it is asked; the controller's default when nil.
    package var timeout: Duration?
    package var batch: BatchSize?
    /// Publishes even when ids given by name are unknown.
    package var allowsMissing: Bool
    package var returners: String
    package var metadata: Value?

    package init(
        calls: [FunctionCall], target: Target, user: String, timeout: Duration? = nil, batch: BatchSize? = nil,
        allowsMissing: Bool = false, returners: String = "", metadata: Value? = nil
    ) {
        self.calls = calls
        self.target = target
        self.user = user
        self.timeout = timeout
        self.batch = batch
        self.allowsMissing = allowsMissing
        self.returners = returners
        self.metadata = metadata
    }
}

/// A published job.
package struct JobReceipt: Sendable, Hashable, Codable {
    package var job: JobID
    /// Everybody the job expects, sorted.
    package var expected: [NodeID]
    /// Ids given by name that have no accepted key; they are reported, not expected.
    package var missing: [String]
    /// What an operator should know who believes that these are all: nodes of a fabric that could not be asked.
    package var warnings: [String]

    package init(job: JobID, expected: [NodeID], missing: [String], warnings: [String] = []) {
        self.job = job
        self.expected = expected
        self.missing = missing
        self.warnings = warnings
    }
}
