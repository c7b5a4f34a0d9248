import Logging
import MusterCore
import Synchronization
import Testing

@testable import DaemonSupport

@Suite struct LoggingTests {
    /// Collects the lines of a handler.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }

        func logger(_ style: LineLogHandler.Style = .timed, level: Logger.Level = .info) -> Logger {
            Logger(label: "test") { _ in
                LineLogHandler(level: level, style: style, now: { Timestamp(microseconds: 1_763_717_400_123_456) }) {
                    self.add($0)
                }
            }
        }
    }

    @Test func writesOneSortedLine() {
        let lines = Lines()
        var logger = lines.logger()
        logger[metadataKey: "node.id"] = "web1"
        logger.info(
            "return received", metadata: ["job.id": "2026", "bytes": "\(3)", "reason": "two words", "empty": ""])
        logger.debug("not shown")
        #expect(
            lines.all == [
                "2025-11-21T09:30:00.123Z info     return received bytes=3 empty=\"\" job.id=2026 node.id=web1 "
                    + "reason=\"two words\"\n"
            ])
    }

    @Test func givesJournaldThePriorityInsteadOfTheTime() {
        let lines = Lines()
        let logger = lines.logger(.journal, level: .trace)
        for level in Logger.Level.allCases { logger.log(level: level, "m") }
        #expect(lines.all == ["<7>m\n", "<7>m\n", "<6>m\n", "<5>m\n", "<4>m\n", "<3>m\n", "<2>m\n"])
    }

    @Test func keepsForeignTextOnItsLine() {
        let lines = Lines()
        lines.logger().warning("evil\nline\u{1b}[31m", metadata: ["peer": "a\n<2>b\u{7f}", "k": "x=y"])
        #expect(lines.all.count == 1)
        #expect(lines.all[0].dropLast().allSatisfy { !$0.isNewline && $0 != "\u{1b}" })
        #expect(lines.all[0].contains(#"k="x=y" peer="a\n<2>b"#))
    }
}
