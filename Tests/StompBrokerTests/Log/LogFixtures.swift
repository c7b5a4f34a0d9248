import NIOCore
import STOMP

@testable import StompBroker

/// Messages and entries for tests of the log.
enum LogFixtures {
    static func message(_ id: UInt64, _ body: String = "body", escaping: Escaping = .v1_2) -> StoredMessage {
        let lines = ByteBuffer(string: "destination:/queue/q\nmessage-id:t-\(id)\n")
        var tail = lines
        tail.writeString("\n\(body)\0\n")
        return StoredMessage(
            id: id, tail: tail, lineBytes: lines.readableBytes, lineCount: 2, escaping: escaping,
            expires: Moment(milliseconds: 1_800_000_000_000), priority: 7, isLogged: true)
    }

    static func stored(_ id: UInt64, in queue: String = "q", _ body: String = "body") -> LogEntry {
        .stored(message(id, body), queue: queue)
    }

    /// An entry in words, to be compared.
    static func summary(_ entry: LogEntry) -> String {
        switch entry {
        case .stored(let message, let queue):
            "stored \(message.id) in \(queue) until \(message.expires.milliseconds) at \(message.priority) "
                + "\(message.escaping) \(message.lineCount) \(message.lineBytes) \(message.tail)"
        case .moved(let id, let queue): "moved \(id) to \(queue)"
        case .done(let id): "done \(id)"
        }
    }
}
