import MusterCore

// What the API wraps around lists and single values, so that a field can be added without breaking a reader.

struct JobList: Sendable, Hashable, Codable {
    var jobs: [StoredJob]
}

struct AnswerList: Sendable, Hashable, Codable {
    var answers: [NodeAnswer]
}

struct KeyList: Sendable, Hashable, Codable {
    var keys: [KeyEntry]
}

struct NodeList: Sendable, Hashable, Codable {
    var nodes: [NodeSummary]
}

struct Fingerprint: Sendable, Hashable, Codable {
    var fingerprint: String
}

/// Who cancels a job.
struct CancelRequest: Sendable, Hashable, Codable {
    var user: String
}

/// What `/v1/health` says.
struct Health: Sendable, Hashable, Codable {
    enum State: String, Sendable, Hashable, Codable {
        case ok, failing
    }

    var status: State
    var store: StoreHealth
}

/// Events that a subscriber will not see.
struct EventGap: Sendable, Hashable, Codable {
    var after: Int64
    var count: Int64
}
