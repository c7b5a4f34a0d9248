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

    /// Where the controller listens.
    package let socketPath: String
    private let group: any EventLoopGroup
    private let maxSilence: Duration
    private let maxAnswerBytes: Int

    /// - Parameters:
    ///   - group: where the connections run; the one of the process by default.
    ///   - maxSilence: how long nothing may come before the controller counts as hanging. Streams carry a sign of life
    ///     every 15 s.
    ///   - maxAnswerBytes: the largest answer, and the largest single event of a stream, that is taken.
    package init(
        socketPath: String, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        maxSilence: Duration = .seconds(60), maxAnswerBytes: Int = 1 << 29
    ) {
        self.socketPath = socketPath
        self.group = group
        self.maxSilence = maxSilence
        self.maxAnswerBytes = maxAnswerBytes
    }
}

extension ControllerClient: ControllerService {
    package func preview(_ target: Target) async throws -> TargetPreview {
        try await call(.POST, "/v1/preview", body: target)
    }

    package func publish(_ request: JobRequest) async throws -> JobReceipt {
        try await call(.POST, "/v1/jobs", body: request)
    }

    package func follow(_ job: JobID) async throws -> AsyncThrowingStream<[JobUpdate], any Error> {
        let reader = try await stream("/v1/jobs/\(job.text)/follow")
        return AsyncThrowingStream {
            try await reader.nextGroup()?.map { try reader.decode(JobUpdate.self, from: $0) }
        }
    }

    package func jobs(_ query: JobQuery) async throws -> [StoredJob] {
        let list: JobList = try await call(
            .GET,
            address(
                "/v1/jobs",
                [
                    ("limit", "\(query.limit)"), ("before", query.before?.text),
                    ("open", query.onlyOpen ? "true" : nil),
                    ("function", query.function),
                ]))
        return list.jobs
    }

    package func job(_ id: JobID) async throws -> JobReport { try await call(.GET, "/v1/jobs/\(id.text)") }

    package func answers(of job: JobID, nodes: [NodeID]?) async throws -> [NodeAnswer] {
        if let nodes, nodes.isEmpty { return [] }
        let path = "/v1/jobs/\(job.text)/answers"
        let narrowed = address(path, (nodes ?? []).map { ("node", $0.text) })
        // A request line has its limits: past them everything is asked for and narrowed here.
        guard narrowed.utf8.count > 32 << 10, let nodes else {
            let list: AnswerList = try await call(.GET, narrowed)
            return list.answers
        }
        let list: AnswerList = try await call(.GET, path)
        let wanted = Set(nodes)
        return list.answers.filter { wanted.contains($0.node) }
    }

    package func why(_ job: JobID, _ node: NodeID) async throws -> NodeTimeline {
        try await call(.GET, "/v1/jobs/\(job.text)/why/\(PercentEncoding.encode(node.text))")
    }

    package func cancel(_ job: JobID, by user: String) async throws -> JobReport {
        try await call(.POST, "/v1/jobs/\(job.text)/cancel", body: CancelRequest(user: user))
    }

    package func keys() async throws -> [KeyEntry] {
        let list: KeyList = try await call(.GET, "/v1/keys")
        return list.keys
    }

    package func change(_ change: KeyChange) async throws -> [KeyEntry] {
        let list: KeyList = try await call(.POST, "/v1/keys", body: change)
        return list.keys
    }

    package func ownFingerprint() async throws -> String {
        let own: Fingerprint = try await call(.GET, "/v1/keys/fingerprint")
        return own.fingerprint
    }

    package func nodes(_ target: Target?) async throws -> [NodeSummary] {
        let list: NodeList = try await call(
            .GET,
            address(
                "/v1/nodes",
                [("target", target?.expression), ("kind", target?.kind.rawValue), ("delimiter", target?.delimiter)]))
        return list.nodes
    }

    package func node(_ id: NodeID) async throws -> NodeDetail {
        try await call(.GET, "/v1/nodes/\(PercentEncoding.encode(id.text))")
    }

    package func events(_ query: EventQuery) async throws -> AsyncThrowingStream<EventBatch, any Error> {
        let reader = try await stream(
            address(
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

    package func status() async throws -> ControllerStatus { try await call(.GET, "/v1/status") }
}

extension ControllerClient {
    /// An address with the parameters that have a value.
    private func address(_ path: String, _ parameters: [(name: String, value: String?)]) -> String {
        let query = parameters.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
    }

    private func call<Answer: Decodable>(_ method: HTTPMethod, _ uri: String) async throws -> Answer {
        try await exchange(method, uri, body: nil)
    }

    private func call<Answer: Decodable>(
        _ method: HTTPMethod, _ uri: String, body: some Encodable
    ) async throws -> Answer {
        try await exchange(method, uri, body: JSON.text(try ValueEncoder().encode(body)))
    }

    private func exchange<Answer: Decodable>(
        _ method: HTTPMethod, _ uri: String, body: String?
    ) async throws -> Answer {
        let connection = try await open(method, uri, accept: "application/json", body: body)
        defer { connection.close() }
        let value = try await value(of: connection)
        do {
            return try ValueDecoder().decode(from: value)
        } catch {
            throw ClientError.invalidAnswer(path: socketPath, reason: "\(error)")
        }
    }

    private func stream(_ uri: String) async throws -> EventStreamReader {
        let connection = try await open(.GET, uri, accept: "text/event-stream", body: nil)
        return EventStreamReader(connection, path: socketPath, maxEventBytes: maxAnswerBytes)
    }

    /// Connects, asks, and returns once the head of a success is there.
    private func open(
        _ method: HTTPMethod, _ uri: String, accept: String, body: String?
    ) async throws -> ClientConnection {
        let connection = try await ClientConnection.open(path: socketPath, maxSilence: maxSilence, group: group)
        do {
            try await connection.send(method, uri, headers: [("Accept", accept)], body: body)
            let head = try await connection.head()
            guard (200..<300).contains(head.status.code) else {
                throw try await refusal(connection, status: Int(head.status.code))
            }
            return connection
        } catch {
            connection.close()
            throw error
        }
    }

    private func refusal(_ connection: ClientConnection, status: Int) async throws -> any Error {
        let value = try await value(of: connection)
        do {
            let document: ErrorDocument = try ValueDecoder().decode(from: value)
            return document.error(status: status)
        } catch {
            return ClientError.invalidAnswer(
                path: socketPath, reason: "status \(status) without an error the API knows")
        }
    }

    private func value(of connection: ClientConnection) async throws -> Value {
        let body = try await connection.body(maxBytes: maxAnswerBytes)
        do {
            return try JSON.value(body.readableBytesView, maxDepth: ControllerClient.maxDepth)
        } catch {
            throw ClientError.invalidAnswer(path: socketPath, reason: "\(error)")
        }
    }
}
