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

    /// The newest job id ever stored, as a job's or as one given out, for `JobIDClock`.
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
    /// The last sign of life of every node.
    func contacts() async throws -> [NodeID: NodeContact]
    /// The facts of the nodes behind `node` in the order of ids, at most `limit` of them; nil begins with the first. Facts
    /// are large: read them in pages.
    func facts(after node: NodeID?, limit: Int) async throws -> [StoredFacts]
    func node(_ id: NodeID) async throws -> StoredNode?
    /// Deletes what is older than the retention allows, in bounded steps, and says how many jobs went. Open jobs stay.
    func prune(_ retention: Retention, now: Timestamp) async throws -> Int
    /// Whether writes work now, and how much is held. A store that failed last time is tried again by asking.
    func health() async -> StoreHealth
    /// Commits what was submitted and closes. Later submissions and reads fail with `StoreError.closed`.
    func close() async throws
}

extension Store {
    /// Goes through the facts of all nodes, in the order of ids, some hundred at a time.
    package func eachFacts(_ body: (StoredFacts) throws -> Void) async throws {
        let limit = 200
        var last: NodeID?
        while true {
            let page = try await facts(after: last, limit: limit)
            for facts in page { try body(facts) }
            guard page.count == limit else { return }
            last = page.last?.node
        }
    }

    /// Submits and waits for the commit.
    @discardableResult
    package func commit(_ writes: [StoreWrite]) async throws -> StoreCommit {
        try await withCheckedThrowingContinuation { continuation in
            submit(writes) { continuation.resume(with: $0) }
        }
    }
}
