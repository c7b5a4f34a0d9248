import Logging
import MusterCore
import MusterTestSupport
import Store
import Synchronization
import Testing

@testable import Controller

/// Notes what would go to the nodes; a test can let it fail.
final class FakePublisher: JobPublishing {
    struct Publish: Sendable, Hashable {
        var job: JobID
        var function: String
        /// Nil: everybody the job's own target means.
        var nodes: [NodeID]?
    }

    struct Behind: Error, CustomStringConvertible { let description = "the fake port is behind" }

    private let state = Mutex<(publishes: [Publish], fails: Bool, unstored: Int)>(([], false, 0))
    private let store: any Store

    init(store: any Store) { self.store = store }

    var publishes: [Publish] { state.withLock { $0.publishes } }
    /// Jobs that were not in the store when they were published; questions never are.
    var unstoredCount: Int { state.withLock { $0.unstored } }

    /// What was published since the last call.
    func take() -> [Publish] {
        state.withLock { state in
            defer { state.publishes = [] }
            return state.publishes
        }
    }

    func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }

    func publish(_ job: Job, to audience: Audience) async throws {
        let isStored = try await store.job(job.id) != nil
        if !isStored { state.withLock { $0.unstored += 1 } }
        try note(job.id, job.calls[0].function, audience)
    }

    func ask(_ audience: Audience, about job: Job, as question: JobID, patience: Duration) async throws {
        try note(question, "saltutil.find_job", audience)
    }

    func knowsJobs(_ node: NodeID) -> Bool { !node.text.hasPrefix("bus") }

    private func note(_ id: JobID, _ function: String, _ audience: Audience) throws {
        var nodes: [NodeID]?
        if case .only(let list) = audience { nodes = list }
        try state.withLock { state in
            guard !state.fails else { throw Behind() }
            state.publishes.append(Publish(job: id, function: function, nodes: nodes))
        }
    }
}

/// An engine over a real store, with a fake publisher and a clock that stands still. Nothing runs by itself: a test hands
/// in reports and ticks.
final class TestEngine: Sendable {
    let store: TestStore
    let publisher: FakePublisher
    let nodes: NodeIndex
    let questions = QuestionBook()
    let clock: TestClock
    let signal = SequenceSignal()
    let engine: JobEngine

    /// - Parameters:
    ///   - earlier: a controller that was stopped; its store and clock are taken over.
    ///   - remembered: what its store knew of nodes at the start.
    ///   - grace: for how long jobs wait for nodes that are not back.
    init(after earlier: TestEngine? = nil, remembered: [NodeID: NodeContact] = [:], grace: Duration = .zero) throws {
        let store = try earlier?.store ?? TestStore()
        let clock = earlier?.clock ?? TestClock()
        (self.store, self.clock) = (store, clock)
        publisher = FakePublisher(store: store)
        nodes = NodeIndex(remembered: remembered)
        engine = JobEngine(
            store: store, publisher: publisher, nodes: nodes, questions: questions,
            patience: .init(timeout: .seconds(5), gatherTimeout: .seconds(10)), graceEnd: clock.now + grace,
            ids: JobIDSource(after: Make.jobID(900_000), now: { clock.now }), mailbox: JobMailbox(),
            eventSignal: signal,
            now: { clock.now }, uptime: { clock.uptime },
            logger: .quiet)
    }

    /// Lets time pass, then ticks.
    func pass(_ duration: Duration) async {
        clock.advance(duration)
        await engine.tick()
    }

    /// A node answers, as the request desk would tell it.
    func answer(_ job: JobID, _ node: NodeID, code: Int = 0) async throws {
        let nodeReturn = Make.answer(job, node, code: code, received: clock.now)
        let commit = try await store.commit([.nodeReturn(nodeReturn)])
        if commit.results[0] != .duplicate { await engine.handle(.stored([.init(nodeReturn)])) }
    }

    /// A node answers the newest question about a job.
    func say(_ job: JobID, _ node: NodeID, _ sign: JobTracker.Sign) async {
        await engine.handle(.answered(job, node, sign))
    }

    /// Every expected node in exactly one outcome, and the engine and the store of one mind.
    func expectAgreement(on job: JobID, count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let stored = try await store.expectations(of: job)
        let row = try #require(try await store.job(job), sourceLocation: sourceLocation)
        #expect(stored.count == count, sourceLocation: sourceLocation)
        #expect(row.counts.values.reduce(0, +) == count, sourceLocation: sourceLocation)
        #expect((row.ended != nil) == stored.allSatisfy(\.outcome.isFinal), sourceLocation: sourceLocation)
        if let live = await engine.report(on: job) {
            #expect(live.expectations == stored, sourceLocation: sourceLocation)
            #expect(live.ended == row.ended, sourceLocation: sourceLocation)
        }
    }

    func outcomes(of job: JobID) async throws -> [Outcome.Kind] {
        try await store.expectations(of: job).map(\.outcome.kind)
    }

    /// How a job stands, as the controller puts it together.
    func report(_ id: JobID) async throws -> JobReport {
        let stored = try #require(try await store.job(id))
        let live = await engine.report(on: id)
        let nodes: [MusterCore.Expectation]
        if let live { nodes = live.expectations } else { nodes = try await store.expectations(of: id) }
        let expected = Set(nodes.map(\.node))
        return JobReport(
            job: stored.job, ended: live?.ended ?? stored.ended, nodes: nodes,
            unexpected: try await store.returnedNodes(of: id).filter { !expected.contains($0) })
    }

    func feed(_ id: JobID) -> JobFeed {
        JobFeed(id, engine: engine, store: store) { try await self.report(id) }
    }
}
