import Synchronization

/// Lets few lines of a kind through each minute, for what peers can trigger at will. Kinds are constant phrases, so they
/// are few. Owned by a `Mutex`; used from loops and threads.
package final class LogLimiter: Sendable {
    private struct Kind {
        /// When the minute began.
        var began: Timestamp
        var lines = 1
        var suppressed = 0
    }

    private let kinds = Mutex<[String: Kind]>([:])
    private let interval: Duration = .seconds(60)

    package init() {}

    /// How many lines of this kind were left out before this one, nil when this one is to be left out too.
    ///
    /// - Parameter burst: how many lines a minute may have.
    package func admit(_ kind: String, at now: Timestamp, burst: Int = 1) -> Int? {
        kinds.withLock { kinds in
            // A clock that was set back must not silence a kind until it has caught up.
            guard let known = kinds[kind], (.zero..<interval).contains(now - known.began) else {
                defer { kinds[kind] = Kind(began: now) }
                return kinds[kind]?.suppressed ?? 0
            }
            guard known.lines < burst else {
                kinds[kind]?.suppressed += 1
                return nil
            }
            kinds[kind]?.lines += 1
            return 0
        }
    }
}

extension String {
    /// The text as it may stand in a line of the log: cut, and without control characters, since a peer may have written it.
    package var loggable: String {
        let cut = unicodeScalars.prefix(300).map { scalar in
            scalar.properties.generalCategory == .control || scalar.value == 0x2028 || scalar.value == 0x2029
                ? "?" : scalar
        }
        return String(String.UnicodeScalarView(cut))
    }
}
