package import MusterCore
package import NIOCore
import NIOHTTP1
import NIOPosix

/// A controller at the other end of its control socket: docs/api.md. Every call uses a connection of its own.
///
/// Calls throw the controller's `ControllerError` as it threw it, and `ClientError` for everything in between.
package struct ControllerClient: Sendable {
    /// Answers of nodes may nest deeper than requests.
    static let maxDepth = 512

    private let caller: APICaller

    /// - Parameters:
    ///   - group: where the connections run; the one of the process by default.
    ///   - maxSilence: how long nothing may come before the controller counts as hanging. Streams carry a sign of life
    ///     every 15 s.
    ///   - maxAnswerBytes: the largest answer, and the largest single event of a stream, that is taken.
    package init(
        socketPath: String, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        maxSilence: Duration = .seconds(60), maxAnswerBytes: Int = 1 << 29
    ) {
        caller = APICaller(
            socketPath: socketPath, group: group, maxSilence: maxSilence, maxAnswerBytes: maxAnswerBytes,
            error: { $0.error(status: $1) })
    }

    /// Where the controller listens.
    package var socketPath: String { caller.socketPath }
}

extension ControllerClient: ControllerService {
    package func preview(_ target: Target) async throws -> TargetPreview {
        try await caller.call(.POST, "/v1/preview", body: target)
    }

    package func publish(_ request: JobRequest) async throws -> JobReceipt {
        try await caller.call(.POST, "/v1/jobs", body: request)
    }

    package func follow(_ job: JobID) async throws -> AsyncThrowingStream<[JobUpdate], any Error> {
        let reader = try await caller.stream("/v1/jobs/\(job.text)/follow")
        return AsyncThrowingStream {
            try await reader.nextGroup()?.map { try reader.decode(JobUpdate.self, from: $0) }
        }
    }

    package func jobs(_ query: JobQuery) async throws -> [StoredJob] {
        let list: JobList = try await caller.call(
            .GET,
            caller.address(
                "/v1/jobs",
                [
                    ("limit", "\(query.limit)"), ("before", query.before?.text),
                    ("open", query.onlyOpen ? "true" : nil),
                    ("function", query.function),
                ]))
        return list.jobs
    }

    package func job(_ id: JobID) async throws -> JobReport { try await caller.call(.GET, "/v1/jobs/\(id.text)") }

    package func answers(of job: JobID, nodes: [NodeID]?) async throws -> [NodeAnswer] {
        if let nodes, nodes.isEmpty { return [] }
        let path = "/v1/jobs/\(job.text)/answers"
        let narrowed = caller.address(path, (nodes ?? []).map { ("node", $0.text) })
        // A request line has its limits: past them everything is asked for and narrowed here.
        guard narrowed.utf8.count > 32 << 10, let nodes else {
            let list: AnswerList = try await caller.call(.GET, narrowed)
            return list.answers
        }
        let list: AnswerList = try await caller.call(.GET, path)
        let wanted = Set(nodes)
        return list.answers.filter { wanted.contains($0.node) }
    }

    package func why(_ job: JobID, _ node: NodeID) async throws -> NodeTimeline {
        try await caller.call(.GET, "/v1/jobs/\(job.text)/why/\(PercentEncoding.encode(node.text))")
    }

    package func cancel(_ job: JobID, by user: String) async throws -> JobReport {
        try await caller.call(.POST, "/v1/jobs/\(job.text)/cancel", body: CancelRequest(user: user))
    }

    package func keys() async throws -> [KeyEntry] {
        let list: KeyList = try await caller.call(.GET, "/v1/keys")
        return list.keys
    }

    package func change(_ change: KeyChange) async throws -> [KeyEntry] {
        let list: KeyList = try await caller.call(.POST, "/v1/keys", body: change)
        return list.keys
    }

    package func ownFingerprint() async throws -> String {
        let own: Fingerprint = try await caller.call(.GET, "/v1/keys/fingerprint")
        return own.fingerprint
    }

    package func nodes(_ target: Target?) async throws -> [NodeSummary] {
        let list: NodeList = try await caller.call(
            .GET,
            caller.address(
                "/v1/nodes",
                [("target", target?.expression), ("kind", target?.kind.rawValue), ("delimiter", target?.delimiter)]))
        return list.nodes
    }

    package func node(_ id: NodeID) async throws -> NodeDetail {
        try await caller.call(.GET, "/v1/nodes/\(PercentEncoding.encode(id.text))")
    }

    package func events(_ query: EventQuery) async throws -> AsyncThrowingStream<EventBatch, any Error> {
        let reader = try await caller.stream(
            caller.address(
                "/v1/events",
                [
                    ("tag", query.tag), ("after", query.after.map { "\($0)" }),
                    ("follow", query.follows ? nil : "false"),
                ]))
        return AsyncThrowingStream {
            while let event = try await reader.next() {
                switch event.name {
                case "event": return .events([try reader.decode(Event.self, from: event)])
                case "gap":
                    let gap: EventGap = try reader.decode(from: event)
                    return .gap(after: gap.after, count: gap.count)
                default: continue  // a kind that a later version may add
                }
            }
            return nil
        }
    }

    package func status() async throws -> ControllerStatus { try await caller.call(.GET, "/v1/status") }
}
