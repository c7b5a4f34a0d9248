import MusterCore
import MusterTestSupport
import Store
import Synchronization

@testable import Controller

/// A real store that a test can put out of order, make picky, or hold back.
final class TestStore: Store {
    private struct State {
        var outage: StoreError?
        var refuses: @Sendable (StoreWrite) -> Bool = { _ in false }
        var isHolding = false
        var held: [@Sendable () -> Void] = []
    }

    let base: any Store
    let directory: TestDirectory
    private let state = Mutex(State())
    private let held = SequenceSignal()

    init() throws {
        directory = try TestDirectory()
        base = try SQLiteStore(SQLiteConfiguration(path: directory.file("muster.db")))
    }

    /// Every write fails with this from now on; nil ends it.
    func fail(_ error: StoreError?) { state.withLock { $0.outage = error } }

    /// Submissions with such a write fail, the others do not.
    func refuse(_ writes: @escaping @Sendable (StoreWrite) -> Bool) { state.withLock { $0.refuses = writes } }

    /// What is submitted waits for `release()`.
    func hold() { state.withLock { $0.isHolding = true } }

    /// Returns when so many submissions wait.
    func waitForHeld(_ count: Int) async { await held.passes(Int64(count) - 1) }

    func release() {
        let held = state.withLock { state in
            defer { (state.isHolding, state.held) = (false, []) }
            return state.held
        }
        for submit in held { submit() }
    }

    func submit(_ writes: [StoreWrite], completion: @escaping @Sendable (Result<StoreCommit, any Error>) -> Void) {
        let failure = state.withLock { state -> StoreError? in
            if let outage = state.outage { return outage }
            return writes.contains(where: state.refuses) ? .nestedTooDeep(what: "a write of the test", limit: 1) : nil
        }
        if let failure { return completion(.failure(failure)) }
        let isHeld = state.withLock { state in
            guard state.isHolding else { return false }
            state.held.append { self.base.submit(writes, completion: completion) }
            return true
        }
        held.advance(to: Int64(state.withLock { $0.held.count }))
        if !isHeld { base.submit(writes, completion: completion) }
    }

    func newestJob() async throws -> JobID? { try await base.newestJob() }
    func job(_ id: JobID) async throws -> StoredJob? { try await base.job(id) }
    func jobs(_ query: JobQuery) async throws -> [StoredJob] { try await base.jobs(query) }
    func expectations(of job: JobID) async throws -> [MusterCore.Expectation] { try await base.expectations(of: job) }
    func returns(of job: JobID, nodes: Set<NodeID>?) async throws -> [NodeReturn] {
        try await base.returns(of: job, nodes: nodes)
    }
    func returnedNodes(of job: JobID) async throws -> [NodeID] { try await base.returnedNodes(of: job) }
    func notes(of job: JobID, node: NodeID) async throws -> [TimelineNote] { try await base.notes(of: job, node: node) }
    func events(after sequence: Int64, limit: Int) async throws -> [StoredEvent] {
        try await base.events(after: sequence, limit: limit)
    }
    func eventRange() async throws -> ClosedRange<Int64>? { try await base.eventRange() }
    func contacts() async throws -> [NodeID: NodeContact] { try await base.contacts() }
    func facts(after node: NodeID?, limit: Int) async throws -> [StoredFacts] {
        try await base.facts(after: node, limit: limit)
    }
    func node(_ id: NodeID) async throws -> StoredNode? { try await base.node(id) }
    func prune(_ retention: Retention, now: Timestamp) async throws -> Int {
        try await base.prune(retention, now: now)
    }
    func health() async -> StoreHealth { await base.health() }
    func close() async throws { try await base.close() }
}
