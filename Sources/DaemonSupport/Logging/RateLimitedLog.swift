package import Logging
import Synchronization

/// Logs what a peer can trigger at will: each phrase at most once in an interval, with the count of those left out.
///
/// Phrases are constants, so that the table of them stays small.
package final class RateLimitedLog: Sendable {
    private struct Entry {
        var last: ContinuousClock.Instant
        var suppressed: Int
    }

    private let logger: Logger
    private let interval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let entries = Mutex<[String: Entry]>([:])

    package init(
        _ logger: Logger, interval: Duration = .seconds(60),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.logger = logger
        self.interval = interval
        self.now = now
    }

    /// Logs the phrase, or counts it when it was logged less than an interval ago. The next one that is logged says how
    /// many there were in between, as `suppressed`.
    ///
    /// - Parameter metadata: made only when the message is logged.
    package func log(
        _ level: Logger.Level, _ phrase: StaticString, metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        guard level >= logger.logLevel else { return }
        let text = String(describing: phrase)
        let time = now()
        let suppressed = entries.withLock { entries -> Int? in
            guard let entry = entries[text], entry.last.duration(to: time) < interval else {
                let suppressed = entries[text]?.suppressed ?? 0
                entries[text] = Entry(last: time, suppressed: 0)
                return suppressed
            }
            entries[text]?.suppressed += 1
            return nil
        }
        guard let suppressed else { return }
        var metadata = metadata()
        if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
        logger.log(level: level, "\(text)", metadata: metadata)
    }
}
