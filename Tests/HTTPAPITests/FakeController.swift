import MusterCore
import Synchronization

/// A controller that notes what it is asked and answers with what the test gives it.
final class FakeController: ControllerService {
    /// One call with its arguments.
    enum Call: Hashable, Sendable {
        case preview(Target)
        case publish(JobRequest)
        case follow(JobID)
        case jobs(JobQuery)
        case job(JobID)
        case answers(JobID, [NodeID]?)
        case why(JobID, NodeID)
        case cancel(JobID, user: String)
        case keys
        case change(KeyChange)
        case fingerprint
        case nodes(Target?)
        case node(NodeID)
        case events(EventQuery)
        case status
    }

    private struct State {
        var calls: [Call] = []
        var failure: (any Error)?
        var storeFailure: String?
        var updates: AsyncThrowingStream<[JobUpdate], any Error>?
        var events: AsyncThrowingStream<EventBatch, any Error>?
    }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock(\.calls) }

    /// From now on every call throws.
    func fail(with error: any Error) { state.withLock { $0.failure = error } }
    func failStore(_ reason: String) { state.withLock { $0.storeFailure = reason } }
    /// The stream of the next call. It is not kept, so that it ends when its reader goes, as a controller's streams do.
    func give(_ updates: AsyncThrowingStream<[JobUpdate], any Error>) { state.withLock { $0.updates = updates } }
    /// Gives a stream that the test feeds.
    func giveUpdates() -> AsyncThrowingStream<[JobUpdate], any Error>.Continuation {
        let (updates, job) = AsyncThrowingStream<[JobUpdate], any Error>.makeStream()
        give(updates)
        return job
    }
    func give(_ events: AsyncThrowingStream<EventBatch, any Error>) { state.withLock { $0.events = events } }

    private func note(_ call: Call) throws {
        try state.withLock { state in
            state.calls.append(call)
            if let failure = state.failure { throw failure }
        }
    }

    func preview(_ target: Target) async throws -> TargetPreview {
        try note(.preview(target))
        return Sample.preview
    }
    func publish(_ request: JobRequest) async throws -> JobReceipt {
        try note(.publish(request))
        return Sample.receipt
    }
    func follow(_ job: JobID) async throws -> AsyncThrowingStream<[JobUpdate], any Error> {
        try note(.follow(job))
        return state.withLock { $0.updates.take() } ?? .of(Sample.updates.map { [$0] })
    }
    func jobs(_ query: JobQuery) async throws -> [StoredJob] {
        try note(.jobs(query))
        return [Sample.storedJob]
    }
    func job(_ id: JobID) async throws -> JobReport {
        try note(.job(id))
        return Sample.report
    }
    func answers(of job: JobID, nodes: [NodeID]?) async throws -> [NodeAnswer] {
        try note(.answers(job, nodes))
        return Sample.answers.filter { nodes?.contains($0.node) ?? true }
    }
    func why(_ job: JobID, _ node: NodeID) async throws -> NodeTimeline {
        try note(.why(job, node))
        return Sample.timeline
    }
    func cancel(_ job: JobID, by user: String) async throws -> JobReport {
        try note(.cancel(job, user: user))
        return Sample.report
    }
    func keys() async throws -> [KeyEntry] {
        try note(.keys)
        return Sample.keys
    }
    func change(_ change: KeyChange) async throws -> [KeyEntry] {
        try note(.change(change))
        return Sample.keys
    }
    func ownFingerprint() async throws -> String {
        try note(.fingerprint)
        return "a1:b2"
    }
    func nodes(_ target: Target?) async throws -> [NodeSummary] {
        try note(.nodes(target))
        return [Sample.summary]
    }
    func node(_ id: NodeID) async throws -> NodeDetail {
        try note(.node(id))
        return Sample.detail
    }
    func events(_ query: EventQuery) async throws -> AsyncThrowingStream<EventBatch, any Error> {
        try note(.events(query))
        return state.withLock { $0.events.take() } ?? .of(Sample.batches)
    }
    func status() async throws -> ControllerStatus {
        try note(.status)
        var status = Sample.status
        status.store.failure = state.withLock(\.storeFailure)
        return status
    }
}

extension AsyncThrowingStream where Failure == any Error, Element: Sendable {
    /// The elements, then the end or an error.
    static func of(_ elements: [Element], then error: (any Error)? = nil) -> Self {
        let (stream, continuation) = makeStream()
        for element in elements { continuation.yield(element) }
        continuation.finish(throwing: error)
        return stream
    }
}
