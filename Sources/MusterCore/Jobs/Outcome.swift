/// How it stands between one job and one expected node. A node is always in exactly one outcome.
package enum Outcome: Sendable, Hashable {
    /// Published to it, nothing heard yet. In a batch also: not published to it yet.
    case waiting
    /// It said that the job runs.
    case running(since: Timestamp, lastSeen: Timestamp)
    /// It returned and succeeded.
    case ok
    /// It returned and failed.
    case failed(code: Int)
    /// It cannot have heard the job.
    case unreachable(Unreachable)
    /// The node or the controller refused the job.
    case refused(reason: String)
    /// It was connected, said nothing within the waiting time, and did not say that the job runs.
    case timedOut
    /// The job was cancelled before the node returned.
    case cancelled
    /// It was running the job and its answer can no longer come.
    case lost(reason: String)

    /// Why a node could not hear a job.
    package enum Unreachable: Sendable, Hashable {
        case offline(since: Timestamp)
        case neverConnected
        case noAcceptedKey
    }

    /// The outcomes without their details: what summaries count. The raw values are stable (API, store, exit codes).
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case ok
        case failed
        case running
        case waiting
        case timedOut = "timed-out"
        case unreachable
        case refused
        case cancelled
        case lost
    }

    package var kind: Kind {
        switch self {
        case .waiting: .waiting
        case .running: .running
        case .ok: .ok
        case .failed: .failed
        case .unreachable: .unreachable
        case .refused: .refused
        case .timedOut: .timedOut
        case .cancelled: .cancelled
        case .lost: .lost
        }
    }

    /// Whether waiting for this node is over. A late return still moves it to `ok` or `failed`.
    package var isFinal: Bool {
        switch self {
        case .waiting, .running: false
        case .ok, .failed, .unreachable, .refused, .timedOut, .cancelled, .lost: true
        }
    }

    /// Whether the node's answer is in.
    package var hasReturned: Bool {
        switch self {
        case .ok, .failed: true
        case .waiting, .running, .unreachable, .refused, .timedOut, .cancelled, .lost: false
        }
    }
}

extension Outcome: CustomStringConvertible {
    /// The outcome with its reason, for operators.
    package var description: String {
        switch self {
        case .waiting: "waiting"
        case .running(let since, let lastSeen):
            "running since \(since.iso8601)Z, last seen \(lastSeen.iso8601)Z"
        case .ok: "ok"
        case .failed(let code): "failed (retcode \(code))"
        case .unreachable(.offline(let since)): "unreachable: offline since \(since.iso8601)Z"
        case .unreachable(.neverConnected): "unreachable: never connected"
        case .unreachable(.noAcceptedKey): "unreachable: no accepted key"
        case .refused(let reason): "refused: \(reason)"
        case .timedOut: "timed-out: connected, but no answer and no sign that the job runs"
        case .cancelled: "cancelled"
        case .lost(let reason): "lost: \(reason)"
        }
    }
}

extension Outcome: Codable {
    private enum CodingKeys: String, CodingKey {
        case outcome, code, reason, since, lastSeen
    }

    /// `{outcome, [code], [reason], [since], [lastSeen]}`; the reason of `unreachable` is `offline`, `never-connected`
    /// or `no-accepted-key`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .outcome)
        switch self {
        case .waiting, .ok, .timedOut, .cancelled:
            break
        case .running(let since, let lastSeen):
            try container.encode(since, forKey: .since)
            try container.encode(lastSeen, forKey: .lastSeen)
        case .failed(let code):
            try container.encode(code, forKey: .code)
        case .refused(let reason), .lost(let reason):
            try container.encode(reason, forKey: .reason)
        case .unreachable(.offline(let since)):
            try container.encode("offline", forKey: .reason)
            try container.encode(since, forKey: .since)
        case .unreachable(.neverConnected):
            try container.encode("never-connected", forKey: .reason)
        case .unreachable(.noAcceptedKey):
            try container.encode("no-accepted-key", forKey: .reason)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .outcome) {
        case .waiting: self = .waiting
        case .ok: self = .ok
        case .timedOut: self = .timedOut
        case .cancelled: self = .cancelled
        case .running:
            self = .running(
                since: try container.decode(Timestamp.self, forKey: .since),
                lastSeen: try container.decode(Timestamp.self, forKey: .lastSeen))
        case .failed: self = .failed(code: try container.decode(Int.self, forKey: .code))
        case .refused: self = .refused(reason: try container.decode(String.self, forKey: .reason))
        case .lost: self = .lost(reason: try container.decode(String.self, forKey: .reason))
        case .unreachable:
            switch try container.decode(String.self, forKey: .reason) {
            case "offline": self = .unreachable(.offline(since: try container.decode(Timestamp.self, forKey: .since)))
            case "never-connected": self = .unreachable(.neverConnected)
            case "no-accepted-key": self = .unreachable(.noAcceptedKey)
            case let other:
                throw DecodingError.dataCorruptedError(
                    forKey: .reason, in: container, debugDescription: "'\(other)' is no reason for unreachable")
            }
        }
    }
}
