import GRDB
import MusterCore

/// An outcome as the columns `outcome`, `code`, `reason`, `since` and `last_seen` hold it; the words are those of its JSON.
struct OutcomeColumns {
    var kind: Outcome.Kind
    var code: Int64?
    var reason: String?
    var since: Int64?
    var lastSeen: Int64?

    init(_ outcome: Outcome) {
        kind = outcome.kind
        switch outcome {
        case .waiting, .ok, .timedOut, .cancelled:
            break
        case .running(let since, let lastSeen):
            self.since = since.microseconds
            self.lastSeen = lastSeen.microseconds
        case .failed(let code):
            self.code = Int64(code)
        case .refused(let reason), .lost(let reason):
            self.reason = reason
        case .unreachable(.offline(let since)):
            reason = "offline"
            self.since = since.microseconds
        case .unreachable(.neverConnected):
            reason = "never-connected"
        case .unreachable(.noAcceptedKey):
            reason = "no-accepted-key"
        }
    }

    /// Reads the columns; nil when they make no outcome.
    static func outcome(_ row: Row) -> Outcome? {
        guard let kind = (row["outcome"] as String?).flatMap(Outcome.Kind.init) else { return nil }
        let reason: String? = row["reason"]
        let since = (row["since"] as Int64?).map(Timestamp.init(microseconds:))
        switch kind {
        case .waiting: return .waiting
        case .ok: return .ok
        case .timedOut: return .timedOut
        case .cancelled: return .cancelled
        case .failed: return (row["code"] as Int?).map(Outcome.failed)
        case .refused: return reason.map(Outcome.refused)
        case .lost: return reason.map(Outcome.lost)
        case .running:
            guard let since, let lastSeen = row["last_seen"] as Int64? else { return nil }
            return .running(since: since, lastSeen: Timestamp(microseconds: lastSeen))
        case .unreachable:
            switch reason {
            case "offline": return since.map { .unreachable(.offline(since: $0)) }
            case "never-connected": return .unreachable(.neverConnected)
            case "no-accepted-key": return .unreachable(.noAcceptedKey)
            default: return nil
            }
        }
    }
}
