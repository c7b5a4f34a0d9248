import MusterCore
import NIOCore
import Synchronization

/// Reads the server-sent events of one response, as far as they are asked for.
///
/// The connection closes when the reader goes, or when the task that waits for the next event is cancelled.
final class EventStreamReader: Sendable {
    private let connection: ClientConnection
    private let path: String
    /// One iterator reads at a time; the lock is never held across a wait.
    private let parser: Mutex<ServerSentEventParser>

    init(_ connection: ClientConnection, path: String, maxEventBytes: Int) {
        self.connection = connection
        self.path = path
        parser = Mutex(ServerSentEventParser(maxEventBytes: maxEventBytes))
    }

    /// The next event, nil at the end of the stream.
    ///
    /// - Throws: what an `error` event says, or `ClientError`.
    func next() async throws -> ServerSentEvent? {
        while true {
            if let event = try buffered() {
                guard event.name == "error" else { return event }
                throw try failure(event)
            }
            guard let chunk = try await connection.chunk() else { return nil }
            parser.withLock { $0.feed(chunk) }
        }
    }

    /// The object in an event's data.
    func decode<Object: Decodable>(_ type: Object.Type = Object.self, from event: ServerSentEvent) throws -> Object {
        do {
            return try ValueDecoder().decode(from: JSON.value(event.data, maxDepth: ControllerClient.maxDepth))
        } catch {
            throw ClientError.invalidAnswer(path: path, reason: "event \(event.name): \(error)")
        }
    }

    private func buffered() throws -> ServerSentEvent? {
        do {
            return try parser.withLock { parser throws(ServerSentEventError) in try parser.next() }
        } catch {
            throw ClientError.invalidAnswer(path: path, reason: "\(error)")
        }
    }

    private func failure(_ event: ServerSentEvent) throws -> any Error {
        let document: ErrorDocument = try decode(from: event)
        return document.error(status: 200)
    }
}

extension ErrorDocument {
    /// The error that the document stands for.
    func error(status: Int) -> any Error {
        controllerError ?? ClientError.refused(status: status, code: error.code, message: error.message)
    }
}
