import MusterCore
import NIOCore
import NIOHTTP1

/// Calls of an API behind a control socket: JSON out, JSON in, a connection each.
struct APICaller: Sendable {
    /// Where the daemon listens.
    let socketPath: String
    let group: any EventLoopGroup
    /// How long nothing may come before the daemon counts as hanging.
    let maxSilence: Duration
    /// The largest answer, and the largest single event of a stream, that is taken.
    let maxAnswerBytes: Int
    /// The error that a refusal stands for, with its HTTP status.
    let error: @Sendable (ErrorDocument, Int) -> any Error

    /// An address with the parameters that have a value.
    func address(_ path: String, _ parameters: [(name: String, value: String?)]) -> String {
        let query = parameters.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
        return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
    }

    func call<Answer: Decodable>(_ method: HTTPMethod, _ uri: String) async throws -> Answer {
        try await exchange(method, uri, body: nil)
    }

    func call<Answer: Decodable>(
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

    func stream(_ uri: String) async throws -> EventStreamReader {
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
            return error(document, status)
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
