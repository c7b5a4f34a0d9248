/// What operators can ask of a controller. The HTTP API serves it, the command line calls it through that.
package protocol ControllerService: Sendable {
    /// The nodes a target means now, without publishing anything.
    func preview(_ target: Target) async throws -> TargetPreview
    /// Stores the job with its expected nodes, then publishes it.
    ///
    /// - Throws: `ControllerError`: nothing matched, ids unknown, a target that cannot be read, the store refuses.
    func publish(_ request: JobRequest) async throws -> JobReceipt
    /// What happens in a job: first what has happened already, then live, to its end.
    func follow(_ job: JobID) async throws -> AsyncThrowingStream<JobUpdate, any Error>
    func jobs(_ query: JobQuery) async throws -> [StoredJob]
    func job(_ id: JobID) async throws -> JobReport
    /// The answers that are in. A node list narrows them; nil means all.
    func answers(of job: JobID, nodes: [NodeID]?) async throws -> [NodeAnswer]
    /// Everything known about one node in one job, oldest first.
    func why(_ job: JobID, _ node: NodeID) async throws -> NodeTimeline
    /// Ends the waiting and tells the nodes that run the job to end it.
    func cancel(_ job: JobID, by user: String) async throws -> JobReport

    func keys() async throws -> [KeyEntry]
    /// Accepts, rejects or deletes keys and says what was done to each.
    func change(_ change: KeyChange) async throws -> [KeyEntry]
    /// The fingerprint of the controller's own public key.
    func ownFingerprint() async throws -> String

    func nodes(_ target: Target?) async throws -> [NodeSummary]
    func node(_ id: NodeID) async throws -> NodeDetail

    /// Events after a cursor (nil: from now on), live without end when `follows`, whose tag matches a glob.
    func events(_ query: EventQuery) async throws -> AsyncThrowingStream<EventBatch, any Error>
    func status() async throws -> ControllerStatus
}

/// A job as an operator asks for it.
package struct JobRequest: Sendable, Hashable, Codable {
    package var calls: [FunctionCall]
    package var target: Target
    /// Who asks, for the audit log; the server replaces it by what it knows of the peer.
    package var user: String
    /// How long a silent node is waited for before it is asked; the controller's default when nil.
    package var timeout: Duration?
    package var batch: BatchSize?
    /// Publishes even when ids given by name are unknown.
    package var allowsMissing: Bool
    package var returners: String
    package var metadata: Value?

    package init(
        calls: [FunctionCall], target: Target, user: String, timeout: Duration? = nil, batch: BatchSize? = nil,
        allowsMissing: Bool = false, returners: String = "", metadata: Value? = nil
    ) {
        self.calls = calls
        self.target = target
        self.user = user
        self.timeout = timeout
        self.batch = batch
        self.allowsMissing = allowsMissing
        self.returners = returners
        self.metadata = metadata
    }
}

/// The nodes a target means.
package struct TargetPreview: Sendable, Hashable, Codable {
    package struct Node: Sendable, Hashable, Codable {
        package var node: NodeID
        package var isConnected: Bool
        package init(node: NodeID, isConnected: Bool) {
            self.node = node
            self.isConnected = isConnected
        }
    }

    /// Sorted by id.
    package var nodes: [Node]
    /// Ids given by name that have no accepted key, sorted.
    package var missing: [String]
    /// Accepted nodes that could not be judged because they never reported facts, sorted.
    package var unjudged: [NodeID]

    package init(nodes: [Node], missing: [String], unjudged: [NodeID]) {
        self.nodes = nodes
        self.missing = missing
        self.unjudged = unjudged
    }
}

/// A published job.
package struct JobReceipt: Sendable, Hashable, Codable {
    package var job: JobID
    /// Everybody the job expects, sorted.
    package var expected: [NodeID]
    /// Ids given by name that have no accepted key; they are reported, not expected.
    package var missing: [String]
    package init(job: JobID, expected: [NodeID], missing: [String]) {
        self.job = job
        self.expected = expected
        self.missing = missing
    }
}

/// One node's answer, translated for people.
package struct NodeAnswer: Sendable, Hashable, Codable {
    package var node: NodeID
    package var function: String
    package var value: Value
    package var returnCode: Int
    package var hasSucceeded: Bool
    package var outputter: String?
    package var received: Timestamp
    /// False for a node that matched by itself without being expected.
    package var isExpected: Bool

    package init(
        node: NodeID, function: String, value: Value, returnCode: Int, hasSucceeded: Bool, outputter: String?,
        received: Timestamp, isExpected: Bool
    ) {
        self.node = node
        self.function = function
        self.value = value
        self.returnCode = returnCode
        self.hasSucceeded = hasSucceeded
        self.outputter = outputter
        self.received = received
        self.isExpected = isExpected
    }
}

/// How a job stands.
package struct JobReport: Sendable, Hashable, Codable {
    package var job: Job
    package var ended: Timestamp?
    /// Every expected node in its one outcome, sorted by id.
    package var nodes: [Expectation]
    /// Nodes that answered without being expected, sorted.
    package var unexpected: [NodeID]

    package init(job: Job, ended: Timestamp?, nodes: [Expectation], unexpected: [NodeID]) {
        self.job = job
        self.ended = ended
        self.nodes = nodes
        self.unexpected = unexpected
    }

    /// How many expected nodes are in each outcome; the numbers add up to `nodes.count`.
    package var counts: [Outcome.Kind: Int] {
        nodes.reduce(into: [:]) { $0[$1.outcome.kind, default: 0] += 1 }
    }
}

/// One step of a job as its followers see it.
package enum JobUpdate: Sendable, Hashable {
    /// Always first: the job, its expected nodes and their outcomes so far.
    case begun(JobReport)
    /// An answer that is stored.
    case answered(NodeAnswer, Outcome)
    /// A node without an answer moved to another outcome.
    case changed(Expectation)
    /// Always last: the waiting is over.
    case ended(JobReport)
}

/// Where a node's key stands. The raw values are stable.
package enum KeyState: String, Sendable, Hashable, Codable, CaseIterable {
    case accepted, pending, rejected, denied
}

/// One key of the key store.
package struct KeyEntry: Sendable, Hashable, Codable {
    package var node: NodeID
    /// Nil after it was deleted.
    package var state: KeyState?
    /// Salt's colon-separated digest of the public key.
    package var fingerprint: String
    package init(node: NodeID, state: KeyState?, fingerprint: String) {
        self.node = node
        self.state = state
        self.fingerprint = fingerprint
    }
}

/// What to do to which keys.
package struct KeyChange: Sendable, Hashable, Codable {
    package enum Action: String, Sendable, Hashable, Codable {
        case accept, reject, delete
    }

    package var action: Action
    /// Globs of node ids; a key that matches any of them is meant.
    package var match: [String]
    /// The states it applies to; empty means the action's usual ones: accept and reject pending, delete all.
    package var states: [KeyState]
    package var user: String

    package init(action: Action, match: [String], states: [KeyState] = [], user: String) {
        self.action = action
        self.match = match
        self.states = states
        self.user = user
    }
}

/// One line about a node.
package struct NodeSummary: Sendable, Hashable, Codable {
    package var node: NodeID
    package var keyState: KeyState?
    package var contact: NodeContact?
    /// What it runs, from its facts: `Salt 3008.5`, `Muster 0.1.0`; nil while unknown.
    package var version: String?
    /// `Debian 12`; nil while unknown.
    package var system: String?

    package init(node: NodeID, keyState: KeyState?, contact: NodeContact?, version: String?, system: String?) {
        self.node = node
        self.keyState = keyState
        self.contact = contact
        self.version = version
        self.system = system
    }
}

/// All about a node.
package struct NodeDetail: Sendable, Hashable, Codable {
    package var summary: NodeSummary
    package var fingerprint: String?
    package var facts: ValueMap
    package var factsTime: Timestamp?

    package init(summary: NodeSummary, fingerprint: String?, facts: ValueMap, factsTime: Timestamp?) {
        self.summary = summary
        self.fingerprint = fingerprint
        self.facts = facts
        self.factsTime = factsTime
    }
}

/// Why a node is in its outcome.
package struct NodeTimeline: Sendable, Hashable, Codable {
    package var node: NodeID
    /// Nil when the job did not expect the node.
    package var outcome: Outcome?
    package var notes: [TimelineNote]

    package init(node: NodeID, outcome: Outcome?, notes: [TimelineNote]) {
        self.node = node
        self.outcome = outcome
        self.notes = notes
    }
}

/// Which events.
package struct EventQuery: Sendable, Hashable, Codable {
    /// A glob over the whole tag; `*` means all.
    package var tag: String
    /// Events after this sequence number; nil means from now on.
    package var after: Int64?
    /// Whether the stream goes on with what happens from now on.
    package var follows: Bool

    package init(tag: String = "*", after: Int64? = nil, follows: Bool = true) {
        self.tag = tag
        self.after = after
        self.follows = follows
    }
}

/// Events, or the honest word that some are missing.
package enum EventBatch: Sendable, Hashable {
    case events([Event])
    /// The subscriber was too slow or its cursor too old: this many numbers were skipped.
    case gap(after: Int64, count: Int64)
}

/// How the controller is.
package struct ControllerStatus: Sendable, Hashable, Codable {
    package var version: String
    package var started: Timestamp
    /// `salt publish 0.0.0.0:4505` and so on.
    package var listeners: [String]
    package var connectedNodes: Int
    package var openJobs: Int
    package var store: StoreHealth
    /// Counters by metric name, sorted.
    package var counters: ValueMap

    package init(
        version: String, started: Timestamp, listeners: [String], connectedNodes: Int, openJobs: Int,
        store: StoreHealth, counters: ValueMap
    ) {
        self.version = version
        self.started = started
        self.listeners = listeners
        self.connectedNodes = connectedNodes
        self.openJobs = openJobs
        self.store = store
        self.counters = counters
    }
}
