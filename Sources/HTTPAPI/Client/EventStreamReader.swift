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
    private let state: Mutex<(parser: ServerSentEventParser, failure: ServerSentEvent?)>

    /// How many events a group has at most.
    private static let groupSize = 256

    init(_ connection: ClientConnection, path: String, maxEventBytes: Int) {
        self.connection = connection
        self.path = path
        state = Mutex((ServerSentEventParser(maxEventBytes: maxEventBytes), nil))
    }

    /// The next event, nil at the end of the stream.
    ///
    /// - Throws: what an `error` event says, or `ClientError`.
    func next() async throws -> ServerSentEvent? { try await next(upTo: 1)?.first }

    /// The events that have arrived, at least one; nil at the end of the stream.
    ///
    /// - Throws: what an `error` event says, or `ClientError`.
    func nextGroup() async throws -> [ServerSentEvent]? { try await next(upTo: Self.groupSize) }

    private func next(upTo limit: Int) async throws -> [ServerSentEvent]? {
        while true {
            let events = try buffered(upTo: limit)
            guard events.isEmpty else { return events }
            if let event = state.withLock(\.failure) { throw try failure(event) }
            guard let chunk = try await connection.chunk() else { return nil }
            state.withLock { $0.parser.feed(chunk) }
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

    /// Whole events that are there. An `error` is the last event of its stream: it is kept for when the others are taken.
    private func buffered(upTo limit: Int) throws -> [ServerSentEvent] {
        do {
            return try state.withLock { state throws(ServerSentEventError) in
                var events: [ServerSentEvent] = []
                while events.count < limit, state.failure == nil, let event = try state.parser.next() {
                    if event.name == "error" { state.failure = event } else { events.append(event) }
                }
                return events
            }
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
