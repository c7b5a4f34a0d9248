import Logging

@testable import Controller

/// Log lines as they come, each of which can be waited for.
final class TestLog: Sendable {
    private let entries = Shared<[String]>([])
    private let signal = SequenceSignal()

    var lines: [String] { entries.value }

    /// Waits until a line contains the text.
    func wait(for text: String) async {
        while true {
            let count = Int64(lines.count)
            if lines.contains(where: { $0.contains(text) }) || Task.isCancelled { return }
            await signal.passes(count)
        }
    }

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    private func append(_ line: String) {
        entries.change { $0.append(line) }
        signal.advance(to: Int64(lines.count))
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
