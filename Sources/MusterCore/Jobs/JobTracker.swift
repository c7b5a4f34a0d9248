/// One open job: who is expected, how it stands with each of them, and what to do next about the silent ones.
///
/// Not here: storing, publishing and clocks; the job engine does what the returned `Step` says. The life of a node in it:
///
///     queued ──publish──► waiting ──return──► ok | failed
///                           │ silent for `timeout`
///                           ▼
///                         asked ──"it runs"──► running ──(asked again each `timeout`)──► ok | failed | lost
///                           │ ──"it does not"──► one more wait ──► timed-out
///                           │ silent for `gatherTimeout`
///                           ▼
///                         timed-out (heard from since) | unreachable
///                         ──"it runs" after all──► running, and the waiting begins again
///
/// A return wins over everything, also after the end. Source of the rhythm: Salt's `timeout`, `gather_job_timeout` and
/// `saltutil.find_job`; the outcomes are ours.
package struct JobTracker: Sendable {
    /// How long silence is borne.
    package struct Patience: Sendable, Hashable {
        /// From publish, or from the last sign that the job runs, to the next question.
        package var timeout: Duration
        /// From a question to giving the node up.
        package var gatherTimeout: Duration
        /// Unanswered questions after which a node that was running is lost.
        package var maxQuestions: Int

        package init(timeout: Duration, gatherTimeout: Duration, maxQuestions: Int = 3) {
            self.timeout = timeout
            self.gatherTimeout = gatherTimeout
            self.maxQuestions = maxQuestions
        }
    }

    /// What the fabric knows of a node's connection when it has been silent.
    package enum Contact: Sendable, Hashable {
        /// Nothing was ever heard from it.
        case never
        /// Last heard from, and as far as can be seen still connected.
        case heard(Timestamp)
        /// Certainly not connected, since then.
        case gone(since: Timestamp)
    }

    /// What a node answered to the question whether it runs the job.
    package enum Sign: Sendable, Hashable {
        case runs
        case doesNotRun
        /// It is there, but the question failed on it: its silence says nothing about the job.
        case cannotSay
    }

    /// What the caller must do after an event. All lists are sorted by node.
    package struct Step: Sendable, Hashable {
        /// Publish the job to these nodes now.
        package var publish: [NodeID] = []
        /// Ask these nodes whether they run the job.
        package var ask: [NodeID] = []
        /// Outcomes that changed, each with what to note about it.
        package var changed: [Change] = []
        /// Whether this event ended the waiting.
        package var hasEnded = false
        /// Whether the waiting had ended and begins again: a node that was given up said that it runs the job.
        package var hasReopened = false

        package init() {}

        /// Whether there is nothing to do.
        package var isEmpty: Bool { self == Step() }
    }

    /// A node that moved to another outcome.
    package struct Change: Sendable, Hashable {
        package var expectation: Expectation
        package var note: String
    }

    private struct Progress {
        var outcome: Outcome
        /// Nil while the node waits for its turn in a batch.
        var published: Timestamp?
        /// When its silence next means something.
        var deadline: Timestamp
        var unansweredQuestions = 0
        var saysItDoesNotRun = false
        var cannotSay = false
    }

    package let job: Job
    private let patience: Patience
    private let width: Int
    /// Unanswered questions after which a node that never said that it runs the job is given up. More than one when the
    /// controller was away: nodes come back over some seconds, and miss what is published before.
    private let patienceWithSilence: Int
    private var progress: [NodeID: Progress]
    /// Nodes whose turn in the batch has not come, last one first.
    private var queue: [NodeID]
    private var openCount: Int
    private var inFlight = 0
    package private(set) var ended: Timestamp?

    /// A job about to be published.
    package init(job: Job, expected: [NodeID], patience: Patience) {
        self.job = job
        self.patience = patience
        width = job.batch?.width(of: expected.count) ?? Int.max
        patienceWithSilence = 1
        queue = expected.sorted(by: >)
        openCount = expected.count
        progress = Dictionary(
            uniqueKeysWithValues: expected.map { ($0, Progress(outcome: .waiting, deadline: job.published)) })
    }

    /// A job that was open when the controller stopped. Open nodes are asked at the first timer.
    ///
    /// - Parameter mayRepeat: Whether a node drops a job id that it has seen.
    package init(
        resuming stored: StoredJob, expectations: [Expectation], patience: Patience, now: Timestamp,
        mayRepeat: (NodeID) -> Bool = { _ in true }
    ) {
        job = stored.job
        self.patience = patience
        width = stored.job.batch?.width(of: expectations.count) ?? Int.max
        patienceWithSilence = patience.maxQuestions
        progress = [:]
        // In a batch nobody can say which waiting nodes were published to: they are published to again where a node drops
        // a job id that it has seen, and others are not, since they might run it twice. A job that was held went to nobody.
        let isBatch = stored.job.batch != nil
        queue = []
        openCount = 0
        for expectation in expectations {
            let isQueued =
                expectation.outcome == .waiting && (stored.sent == nil || isBatch && mayRepeat(expectation.node))
            progress[expectation.node] = Progress(
                outcome: expectation.outcome, published: isQueued ? nil : min(stored.job.published, now), deadline: now)
            guard !expectation.outcome.isFinal else { continue }
            openCount += 1
            if isQueued { queue.append(expectation.node) } else { inFlight += 1 }
        }
        queue.sort(by: >)
        ended = stored.ended
    }

    /// Every expected node with its outcome, sorted by id.
    package var expectations: [Expectation] {
        progress.map { Expectation(node: $0.key, outcome: $0.value.outcome) }.sorted { $0.node < $1.node }
    }

    /// The expected nodes that are still waited for, sorted.
    package var openNodes: [NodeID] { progress.filter { !$0.value.outcome.isFinal }.keys.sorted() }

    /// The outcome of an expected node, nil for any other.
    package func outcome(of node: NodeID) -> Outcome? { progress[node]?.outcome }

    /// When `timerFired(at:)` next has something to do; nil when nothing is open.
    package var nextTimer: Timestamp? {
        guard openCount > 0 else { return nil }
        return progress.values.lazy.filter { !$0.outcome.isFinal && $0.published != nil }.map(\.deadline).min()
    }

    /// Publishes to the first nodes: all of them, or the first of a batch.
    package mutating func begin(at now: Timestamp) -> Step {
        var step = Step()
        fill(&step, at: now)
        finish(&step, at: now)
        return step
    }

    /// A node answered. Returns of nodes that are not expected change nothing.
    package mutating func received(from node: NodeID, returnCode: Int, hasSucceeded: Bool, at now: Timestamp) -> Step {
        guard let current = progress[node], !current.outcome.hasReturned else { return Step() }
        var step = Step()
        let outcome: Outcome = hasSucceeded ? .ok : .failed(code: returnCode)
        let isLate = current.outcome.isFinal
        move(node, to: outcome, note: isLate ? "answered after the waiting was over" : "answered", &step)
        fill(&step, at: now)
        finish(&step, at: now)
        return step
    }

    /// A node answered the question whether it runs the job.
    package mutating func answered(_ node: NodeID, _ sign: Sign, at now: Timestamp) -> Step {
        guard let current = progress[node], !current.outcome.hasReturned, current.outcome != .cancelled else {
            return Step()
        }
        var step = Step()
        switch sign {
        case .runs:
            let since: Timestamp
            if case .running(let first, _) = current.outcome { since = first } else { since = current.published ?? now }
            move(node, to: .running(since: since, lastSeen: now), note: "said that the job runs", &step)
            progress[node]?.saysItDoesNotRun = false
            progress[node]?.cannotSay = false
            progress[node]?.deadline = now + patience.timeout
            progress[node]?.unansweredQuestions = 0
        case .doesNotRun where current.outcome.isFinal, .cannotSay where current.outcome.isFinal:
            break
        case .doesNotRun:
            progress[node]?.saysItDoesNotRun = true
            progress[node]?.deadline = now + min(patience.timeout, patience.gatherTimeout)
            progress[node]?.unansweredQuestions = 0
        case .cannotSay:
            // The question still counts as unanswered: their number bounds how long such a node is waited for.
            progress[node]?.cannotSay = true
            progress[node]?.deadline = now + patience.timeout
        }
        finish(&step, at: now)
        return step
    }

    /// The job could not be sent to these nodes: nobody waits for them.
    ///
    /// - Parameter reason: what an operator reads as the reason of `refused`.
    package mutating func couldNotPublish(to nodes: [NodeID], reason: String, at now: Timestamp) -> Step {
        var step = Step()
        for node in nodes.sorted() where progress[node]?.outcome.isFinal == false {
            move(node, to: .refused(reason: reason), note: "not published: \(reason)", &step)
        }
        fill(&step, at: now)
        finish(&step, at: now)
        return step
    }

    /// Time has passed: asks the silent, gives up those that do not answer.
    package mutating func timerFired(at now: Timestamp, contact: (NodeID) -> Contact) -> Step {
        var step = Step()
        for (node, current) in progress where current.published != nil && !current.outcome.isFinal {
            guard current.deadline <= now else { continue }
            judge(node, current, contact(node), at: now, &step)
        }
        step.ask.sort()
        step.changed.sort { $0.expectation.node < $1.expectation.node }
        fill(&step, at: now)
        finish(&step, at: now)
        return step
    }

    /// An operator ended the job: every open node becomes `cancelled`.
    package mutating func cancel(at now: Timestamp, by user: String) -> Step {
        var step = Step()
        for (node, current) in progress.sorted(by: { $0.key < $1.key }) where !current.outcome.isFinal {
            move(node, to: .cancelled, note: "cancelled by \(user)", &step)
        }
        queue = []
        finish(&step, at: now)
        return step
    }

    /// The clock was set: what is waited for takes as long as before.
    ///
    /// - Parameter step: How far; negative when it was set back.
    package mutating func clockStepped(by step: Duration) {
        progress = progress.mapValues { old in
            var new = old
            new.published = old.published.map { $0 + step }
            new.deadline = old.deadline + step
            return new
        }
    }

    private mutating func judge(
        _ node: NodeID, _ current: Progress, _ contact: Contact, at now: Timestamp, _ step: inout Step
    ) {
        if current.saysItDoesNotRun {
            if case .running = current.outcome {
                move(
                    node, to: .lost(reason: "the node says that the job no longer runs, and its answer did not come"),
                    note: "lost: not running any more, and no answer came", &step)
            } else {
                move(
                    node, to: .timedOut, note: "given up: the node is there, but says that it does not run the job",
                    &step)
            }
            return
        }
        if case .running = current.outcome, current.unansweredQuestions >= patience.maxQuestions {
            move(
                node,
                to: .lost(reason: "it ran the job, then left \(current.unansweredQuestions) questions unanswered"),
                note: "lost: \(current.unansweredQuestions) questions unanswered", &step)
            return
        }
        if case .waiting = current.outcome {
            if case .gone(let since) = contact {
                move(node, to: .unreachable(.offline(since: since)), note: "given up: not connected", &step)
                return
            }
            if current.unansweredQuestions >= (current.cannotSay ? patience.maxQuestions : patienceWithSilence) {
                giveUp(node, current, contact, &step)
                return
            }
        }
        progress[node]?.unansweredQuestions += 1
        progress[node]?.deadline = now + patience.gatherTimeout
        step.ask.append(node)
    }

    private mutating func giveUp(_ node: NodeID, _ current: Progress, _ contact: Contact, _ step: inout Step) {
        switch contact {
        case .never:
            move(node, to: .unreachable(.neverConnected), note: "given up: it never connected", &step)
        case .heard where current.cannotSay:
            move(
                node, to: .timedOut,
                note: "given up: connected, no answer came, and it cannot say whether the job runs",
                &step)
        case .heard(let last) where last >= current.published ?? job.published:
            move(node, to: .timedOut, note: "given up: connected, but silent to the job and to the question", &step)
        case .heard(let last), .gone(let last):
            move(
                node, to: .unreachable(.offline(since: last)), note: "given up: not heard from since before the job",
                &step)
        }
    }

    private mutating func move(_ node: NodeID, to outcome: Outcome, note: String, _ step: inout Step) {
        guard var current = progress[node], current.outcome != outcome else { return }
        let (wasFinal, isFinal) = (current.outcome.isFinal, outcome.isFinal)
        if wasFinal != isFinal {
            openCount += isFinal ? -1 : 1
            if current.published != nil { inFlight += isFinal ? -1 : 1 }
        }
        current.outcome = outcome
        progress[node] = current
        step.changed.append(Change(expectation: Expectation(node: node, outcome: outcome), note: note))
    }

    private mutating func fill(_ step: inout Step, at now: Timestamp) {
        while inFlight < width, let node = queue.popLast() {
            // It may have answered before its turn: a node that another job id reached, or a resumed batch.
            guard progress[node]?.outcome.isFinal == false else { continue }
            progress[node]?.published = now
            progress[node]?.deadline = now + patience.timeout
            inFlight += 1
            step.publish.append(node)
        }
    }

    private mutating func finish(_ step: inout Step, at now: Timestamp) {
        if openCount == 0, ended == nil {
            ended = now
            step.hasEnded = true
        } else if openCount > 0, ended != nil {
            ended = nil
            step.hasReopened = true
        }
    }
}
