package import Logging
import Synchronization

/// Log lines as they come, as `LEVEL: MESSAGE KEY=VALUE…`, each of which can be waited for.
package final class TestLog: Sendable {
    private struct State {
        var lines: [String] = []
        /// Who waits for a line with a text: its stream ends when that has come.
        var waiting: [(text: String, signal: AsyncStream<Never>.Continuation)] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var lines: [String] { state.withLock { $0.lines } }
    package var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    /// Waits until a line contains the text, or the task is cancelled.
    package func wait(for text: String) async {
        let (stream, signal) = AsyncStream<Never>.makeStream()
        let isThere = state.withLock { state in
            let isThere = state.lines.contains { $0.contains(text) }
            if !isThere { state.waiting.append((text, signal)) }
            return isThere
        }
        if isThere { return }
        for await _ in stream {}
    }

    private func append(_ line: String) {
        state.withLock { state in
            state.lines.append(line)
            for waiting in state.waiting where line.contains(waiting.text) { waiting.signal.finish() }
            state.waiting.removeAll { line.contains($0.text) }
        }
    }

    private struct Handler: LogHandler {
        let log: TestLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            log.append("\(event.level): \(event.message)\(details.joined())")
        }
    }
}

extension Logger {
    /// For what logs and is not looked at.
    package static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
