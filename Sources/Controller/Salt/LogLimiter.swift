package import MusterCore
import Synchronization

/// Lets one line of a kind through each minute, for what peers can trigger at will. Kinds are constant phrases, so they
/// are few. Owned by a `Mutex`; used from loops and threads.
package final class LogLimiter: Sendable {
    private struct Kind {
        var last: Timestamp
        var suppressed = 0
    }

    private let kinds = Mutex<[String: Kind]>([:])
    private let interval: Duration = .seconds(60)

    package init() {}

    /// How many lines of this kind were left out since the last one, nil when this one is to be left out too.
    package func admit(_ kind: String, at now: Timestamp) -> Int? {
        kinds.withLock { kinds in
            // A clock that was set back must not silence a kind until it has caught up.
            if let known = kinds[kind], (.zero..<interval).contains(now - known.last) {
                kinds[kind]?.suppressed += 1
                return nil
            }
            defer { kinds[kind] = Kind(last: now) }
            return kinds[kind]?.suppressed ?? 0
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
