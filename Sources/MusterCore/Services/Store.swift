/// Where jobs, expected nodes, returns, events and nodes are kept. Every engine passes the same test suite.
///
/// Writes go through one writer in the order submitted; many submissions share one commit. Reads see committed data only.
package protocol Store: Sendable {
    /// Hands writes to the writer and returns at once.
    ///
    /// - Parameter completion: called once, on the writer's thread, after the commit that holds all of `writes`, or with
    ///   the `StoreError` that kept them out: then none of them is stored. A submission that is refused outright
    ///   (`overloaded`, `closed`) is completed on the caller's thread before `submit` returns. It must not block.
    func submit(_ writes: [StoreWrite], completion: @escaping @Sendable (Result<StoreCommit, any Error>) -> Void)

    /// The newest job id ever stored, for `JobIDClock`.
    func newestJob() async throws -> JobID?
    func job(_ id: JobID) async throws -> StoredJob?
    /// Newest first.
    func jobs(_ query: JobQuery) async throws -> [StoredJob]
    /// The expected nodes of a job with their outcomes, sorted by id.
    func expectations(of job: JobID) async throws -> [Expectation]
    /// The returns of a job, expected or not, sorted by node. A node list narrows them.
    func returns(of job: JobID, nodes: Set<NodeID>?) async throws -> [NodeReturn]
    /// The nodes whose returns of a job are stored, expected or not, sorted.
    func returnedNodes(of job: JobID) async throws -> [NodeID]
    /// What was noted between a job and a node, oldest first; without what `Job` and `NodeReturn` say themselves.
    func notes(of job: JobID, node: NodeID) async throws -> [TimelineNote]
    /// Events and returns with a sequence number above `sequence`, oldest first.
    func events(after sequence: Int64, limit: Int) async throws -> [StoredEvent]
    /// The oldest and the newest sequence number held, nil when there are none. Numbers in between may have been pruned.
    func eventRange() async throws -> ClosedRange<Int64>?
    func nodes() async throws -> [StoredNode]
    func node(_ id: NodeID) async throws -> StoredNode?
    /// Deletes what is older than the retention allows, in bounded steps, and says how many jobs went. Open jobs stay.
    func prune(_ retention: Retention, now: Timestamp) async throws -> Int
    /// Whether writes work now, and how much is held. A store that failed last time is tried again by asking.
    func health() async -> StoreHealth
    /// Commits what was submitted and closes. Later submissions and reads fail with `StoreError.closed`.
    func close() async throws
}

/// One thing to store.
package enum StoreWrite: Sendable {
    /// A job with everybody it expects; one transaction, before anything is published. The id must be new.
    case job(Job, expected: [Expectation])
    /// A return, of a known job or not. If the job expects the node, its outcome becomes the return's in the same
    /// commit. The second return of the same job and node changes nothing.
    case nodeReturn(NodeReturn)
    /// New outcomes of expected nodes; nodes that are not expected are left out. An outcome that a return has set
    /// stays: what was decided while the return was on its way comes too late.
    case outcomes(JobID, [Expectation])
    /// The waiting is over (or, with nil, begins again after a late sign of life).
    case jobEnded(JobID, at: Timestamp?)
    /// Something worth telling when an operator asks why. Dropped when the job is not known.
    case note(JobID, NodeID, TimelineNote)
    case event(Event)
    /// A node's facts as it reported them.
    case facts(NodeID, NodeReturn.Body, at: Timestamp)
    case contact(NodeID, NodeContact)
    /// Forgets a node (its key was deleted): facts and contact, not its returns.
    case forget(NodeID)
}

/// What became of one submission, write by write.
package struct StoreCommit: Sendable, Hashable {
    package enum Result: Sendable, Hashable {
        /// Stored; events and returns with their sequence number, everything else with 0.
        case stored(sequence: Int64)
        /// A return that was there already.
        case duplicate
    }

    package var results: [Result]
    package init(results: [Result]) { self.results = results }

    /// The largest sequence number given out, 0 when there was none.
    package var newestSequence: Int64 {
        results.reduce(0) { newest, result in
            if case .stored(let sequence) = result { max(newest, sequence) } else { newest }
        }
    }
}

/// One entry of the store's sequence.
package enum StoredEvent: Sendable, Hashable {
    case event(Event)
    /// A return; subscribers see it as the event `salt/job/JID/ret/NODE`.
    case nodeReturn(sequence: Int64, NodeReturn)

    /// The place in the sequence.
    package var sequence: Int64 {
        switch self {
        case .event(let event): event.sequence
        case .nodeReturn(let sequence, _): sequence
        }
    }
}

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
    /// When the waiting ended; nil while the job is open.
    package var ended: Timestamp?
    package var expectedCount: Int
    /// How many expected nodes are in each outcome; kinds without nodes are left out.
    package var counts: [Outcome.Kind: Int]

    package init(job: Job, ended: Timestamp?, expectedCount: Int, counts: [Outcome.Kind: Int]) {
        self.job = job
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

/// Something noted between a job and a node: a probe, an answer to it, a changed outcome.
package struct TimelineNote: Sendable, Hashable, Codable {
    package var time: Timestamp
    /// One sentence in lower case, as `asked whether the job runs`.
    package var text: String
    package init(time: Timestamp, text: String) {
        self.time = time
        self.text = text
    }
}

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

extension Store {
    /// Submits and waits for the commit.
    @discardableResult
    package func commit(_ writes: [StoreWrite]) async throws -> StoreCommit {
        try await withCheckedThrowingContinuation { continuation in
            submit(writes) { continuation.resume(with: $0) }
        }
    }
}
