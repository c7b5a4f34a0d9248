import MusterCore
import Synchronization

@testable import MusterCLI

/// A controller in memory: answers what it was told to, and keeps what it was asked.
final class FakeController: ControllerService {
    struct State {
        /// The accepted nodes.
        var nodes: [NodeID] = []
        var missing: [String] = []
        /// What each node answers; one without an entry stays silent, with its outcome from `outcomes`.
        var answers: [NodeID: (Value, Int)] = [:]
        var outcomes: [NodeID: Outcome] = [:]
        var keys: [KeyEntry] = []
        var events: [EventBatch] = []
        var publishError: ControllerError?
        /// Whether a followed job never ends.
        var hangs = false
        /// What breaks off every followed job.
        var followError: (any Error)?

        var published: [JobRequest] = []
        var changes: [KeyChange] = []
        var queries: [JobQuery] = []
        var eventQueries: [EventQuery] = []
        var previews: [Target] = []
        var cancelled: [JobID] = []
    }

    let state = Mutex(State())
    static let job = JobID("20261121093000000001")!
    static let start = Timestamp(seconds: 1_795_253_400)

    init(_ prepare: (inout State) -> Void = { _ in }) { state.withLock { prepare(&$0) } }

    var published: [JobRequest] { state.withLock(\.published) }
    var changes: [KeyChange] { state.withLock(\.changes) }
    var cancelled: [JobID] { state.withLock(\.cancelled) }
    var eventQueries: [EventQuery] { state.withLock(\.eventQueries) }

    private func report(_ calls: [FunctionCall], _ target: Target, ended: Bool) -> JobReport {
        state.withLock { state in
            JobReport(
                job: Job(
                    id: Self.job, calls: calls, target: target, user: "tester", published: Self.start,
                    timeout: .seconds(5)),
                ended: ended ? Self.start + .milliseconds(420) : nil,
                nodes: state.nodes.map { node in
                    let outcome: Outcome =
                        state.answers[node].map { $0.1 == 0 ? .ok : .failed(code: $0.1) } ?? state.outcomes[node]
                        ?? .timedOut
                    return Expectation(node: node, outcome: ended ? outcome : .waiting)
                },
                unexpected: [])
        }
    }

    private func nodeAnswers(_ function: String) -> [(NodeAnswer, Outcome)] {
        state.withLock { state in
            state.nodes.compactMap { node in
                guard let (value, code) = state.answers[node] else { return nil }
                return (
                    NodeAnswer(
                        node: node, function: function, value: value, returnCode: code, hasSucceeded: code == 0,
                        outputter: nil, received: Self.start + .milliseconds(100), isExpected: true),
                    code == 0 ? .ok : .failed(code: code)
                )
            }
        }
    }

    func preview(_ target: Target) async throws -> TargetPreview {
        state.withLock { state in
            state.previews.append(target)
            return TargetPreview(
                nodes: state.nodes.map { node in
                    .init(node: node, isConnected: state.outcomes[node]?.kind != .unreachable)
                }, missing: state.missing, unjudged: [])
        }
    }

    func publish(_ request: JobRequest) async throws -> JobReceipt {
        try state.withLock { state in
            if let error = state.publishError { throw error }
            state.published.append(request)
            return JobReceipt(job: Self.job, expected: state.nodes, missing: state.missing)
        }
    }

    func follow(_ job: JobID) async throws -> AsyncThrowingStream<[JobUpdate], any Error> {
        let request = state.withLock(\.published.last)
        let calls = request?.calls ?? [FunctionCall("test.ping")]
        let target = request?.target ?? Target(.glob, "*")
        let answers = nodeAnswers(calls[0].function)
        let begun = report(calls, target, ended: false)
        let ended = report(calls, target, ended: true)
        let hangs = state.withLock(\.hangs)
        let failure = state.withLock { $0.followError }
        return AsyncThrowingStream { continuation in
            continuation.yield([.begun(begun)])
            if !answers.isEmpty { continuation.yield(answers.map { .answered($0, $1) }) }
            if let failure { continuation.finish(throwing: failure) }
            guard !hangs else { return }
            for expectation in ended.nodes where !expectation.outcome.hasReturned {
                continuation.yield([.changed(expectation)])
            }
            continuation.yield([.ended(ended)])
            continuation.finish()
        }
    }

    func jobs(_ query: JobQuery) async throws -> [StoredJob] {
        state.withLock { $0.queries.append(query) }
        let report = report([FunctionCall("test.ping")], Target(.glob, "*"), ended: true)
        return [
            StoredJob(
                job: report.job, ended: report.ended, expectedCount: report.nodes.count, counts: report.counts)
        ]
    }

    func job(_ id: JobID) async throws -> JobReport {
        guard id == Self.job else { throw ControllerError.unknownJob(id) }
        return report([FunctionCall("test.ping")], Target(.glob, "*"), ended: true)
    }

    func answers(of job: JobID, nodes: [NodeID]?) async throws -> [NodeAnswer] {
        nodeAnswers("test.ping").map(\.0).filter { nodes?.contains($0.node) ?? true }
    }

    func why(_ job: JobID, _ node: NodeID) async throws -> NodeTimeline {
        NodeTimeline(
            node: node, outcome: .timedOut,
            notes: [
                TimelineNote(time: Self.start, text: "published"),
                TimelineNote(time: Self.start + .seconds(5), text: "asked whether the job runs"),
            ])
    }

    func cancel(_ job: JobID, by user: String) async throws -> JobReport {
        state.withLock { $0.cancelled.append(job) }
        return try await self.job(job)
    }

    func keys() async throws -> [KeyEntry] { state.withLock(\.keys) }

    func change(_ change: KeyChange) async throws -> [KeyEntry] {
        state.withLock { state in
            state.changes.append(change)
            let globs = change.match.map(Glob.init)
            return state.keys.filter { key in globs.contains { $0.matches(key.node.text) } }.map { entry in
                let new: KeyState? =
                    switch change.action {
                    case .accept: .accepted
                    case .reject: .rejected
                    case .delete: nil
                    }
                return KeyEntry(node: entry.node, state: new, fingerprint: entry.fingerprint)
            }
        }
    }

    func ownFingerprint() async throws -> String { "ff:ee" }

    func nodes(_ target: Target?) async throws -> [NodeSummary] {
        state.withLock { state in
            state.nodes.map {
                NodeSummary(
                    node: $0, keyState: .accepted,
                    contact: NodeContact(time: Self.start, isConnected: true, address: "10.0.0.1:4242"),
                    version: "Muster 0.1.0", system: "Debian 12")
            }
        }
    }

    func node(_ id: NodeID) async throws -> NodeDetail {
        guard let summary = try await nodes(nil).first(where: { $0.node == id }) else {
            throw ControllerError.unknownNode(id)
        }
        return NodeDetail(summary: summary, fingerprint: "aa:bb", facts: ["os": "Debian"], factsTime: Self.start)
    }

    func events(_ query: EventQuery) async throws -> AsyncThrowingStream<EventBatch, any Error> {
        let batches = state.withLock { state in
            state.eventQueries.append(query)
            return state.events
        }
        return AsyncThrowingStream { continuation in
            for batch in batches { continuation.yield(batch) }
            continuation.finish()
        }
    }

    func status() async throws -> ControllerStatus {
        ControllerStatus(
            version: "0.1.0", started: Self.start, listeners: ["salt publish 0.0.0.0:4505"], connectedNodes: 2,
            openJobs: 0, store: StoreHealth(failure: nil, failingSince: nil, pendingWrites: 0, sizeBytes: 4096),
            counters: [:])
    }
}

/// A controller that is gone.
struct LostController: ExitStatusProviding {
    var exitStatus: ExitStatus { .unreachable }
}
