/// A job as it was published: what runs, for whom it was meant, and who asked.
package struct Job: Sendable, Hashable, Codable {
    package var id: JobID
    /// What runs, at least one; more than one is Salt's compound call.
    package var calls: [FunctionCall]
    package var target: Target
    /// Who asked: a login name, `sudo_NAME`, or the id of the node that published.
    package var user: String
    package var published: Timestamp
    /// How long a silent node is waited for before it is asked what it does.
    package var timeout: Duration
    /// Salt's comma-separated `ret`, usually empty.
    package var returners: String
    /// Free data of the caller, echoed by the nodes.
    package var metadata: Value?
    /// Set while the job is a batch that the controller feeds: how many nodes run at once.
    package var batch: BatchSize?

    package init(
        id: JobID, calls: [FunctionCall], target: Target, user: String, published: Timestamp, timeout: Duration,
        returners: String = "", metadata: Value? = nil, batch: BatchSize? = nil
    ) {
        self.id = id
        self.calls = calls
        self.target = target
        self.user = user
        self.published = published
        self.timeout = timeout
        self.returners = returners
        self.metadata = metadata
        self.batch = batch
    }
}

/// How many nodes of a job run at once.
package enum BatchSize: Sendable, Hashable, Codable {
    /// At least 1.
    case nodes(Int)
    /// 1 to 100 percent of the expected nodes, at least one node.
    case percent(Int)

    /// `10` or `25%`; nil when it is neither or out of range.
    package init?(_ text: String) {
        if text.hasSuffix("%") {
            guard let percent = Int(text.dropLast()), (1...100).contains(percent) else { return nil }
            self = .percent(percent)
        } else {
            guard let count = Int(text), count >= 1 else { return nil }
            self = .nodes(count)
        }
    }

    /// The number of nodes at once out of `total`, at least 1.
    package func width(of total: Int) -> Int {
        switch self {
        case .nodes(let count): count
        case .percent(let percent): max(1, total * percent / 100)
        }
    }
}
