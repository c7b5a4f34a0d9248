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

    @Test func logsAPhraseOnceAMinuteWithTheCountBetween() {
        let lines = Lines()
        let clock = Clock(.now)
        let log = RateLimitedLog(lines.logger(.journal)) { clock.now }
        for _ in 0..<5 { log.log(.warning, "bad load", metadata: ["peer": "a"]) }
        log.log(.warning, "other phrase")
        clock.advance(.seconds(59))
        log.log(.warning, "bad load")
        clock.advance(.seconds(1))
        log.log(.warning, "bad load", metadata: ["peer": "b"])
        clock.advance(.seconds(60))
        log.log(.warning, "bad load")
        log.log(.debug, "below the level")
        #expect(
            lines.all == [
                "<4>bad load peer=a\n", "<4>other phrase\n", "<4>bad load peer=b suppressed=5\n", "<4>bad load\n",
            ])
    }

    private final class Clock: Sendable {
        private let instant: Mutex<ContinuousClock.Instant>
        init(_ start: ContinuousClock.Instant) { instant = Mutex(start) }
        var now: ContinuousClock.Instant { instant.withLock { $0 } }
        func advance(_ duration: Duration) { instant.withLock { $0 += duration } }
    }
}
