package import Logging
package import MusterCore

/// Runs the open jobs: one `JobTracker` each, fed by stored returns, answers to questions and time.
///
/// It decides nothing about outcomes (`JobTracker` does) and holds no answers (the store does): it publishes, asks,
/// stores changes and tells followers. One actor owns all open jobs.
package actor JobEngine {
    /// What reaches the engine from the fabrics, in batches.
    package enum Report: Sendable {
        /// Returns that are stored now and were not there before.
        case stored([StoredReturn])
        /// A node said whether it runs a job.
        case answered(JobID, NodeID, isRunning: Bool)
    }

    /// A return as far as the engine needs it.
    package struct StoredReturn: Sendable {
        package var job: JobID
        package var node: NodeID
        package var returnCode: Int
        package var hasSucceeded: Bool
        package var received: Timestamp

        package init(_ nodeReturn: NodeReturn) {
            job = nodeReturn.job
            node = nodeReturn.node
            returnCode = nodeReturn.returnCode
            hasSucceeded = nodeReturn.hasSucceeded
            received = nodeReturn.received
        }
    }

    /// One line of a job's log: what followers are told, by node; the answers themselves are read from the store.
    package enum LogEntry: Sendable, Hashable {
        case answered(NodeID)
        case changed(Expectation)
    }

    private struct OpenJob {
        var tracker: JobTracker
        var log: [LogEntry] = []
        let signal = SequenceSignal()
    }

    private let store: any Store
    private let publisher: any JobPublishing
    private let nodes: NodeIndex
    private let questions: QuestionBook
    private let patience: JobTracker.Patience
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let ids: JobIDSource
    private var jobs: [JobID: OpenJob] = [:]
    private let mailbox: JobMailbox
    private let eventSignal: SequenceSignal

    /// How long an ended job stays in memory for its followers and for late returns.
    private let afterglow: Duration = .seconds(30)

    /// - Parameter patience: the defaults for jobs that do not bring a timeout of their own.
    package init(
        store: any Store, publisher: any JobPublishing, nodes: NodeIndex, questions: QuestionBook,
        patience: JobTracker.Patience, ids: JobIDSource, mailbox: JobMailbox, eventSignal: SequenceSignal,
        now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.publisher = publisher
        self.nodes = nodes
        self.questions = questions
        self.patience = patience
        self.now = now
        self.logger = logger
        self.ids = ids
        self.mailbox = mailbox
        self.eventSignal = eventSignal
    }

    /// How many jobs wait for nodes.
    package var openCount: Int { jobs.values.reduce(0) { $0 + ($1.tracker.ended == nil ? 1 : 0) } }

    /// Takes up the jobs that were open when the controller stopped, then works until cancelled.
    package func run() async throws {
        try await resume()
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                for await report in self.mailbox.reports { await self.handle(report) }
            }
            group.addTask {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(200))
                    await self.tick()
                }
            }
        }
    }

    /// Stores a job with its expected nodes, then publishes it.
    ///
    /// - Throws: what the store throws; then nothing is published.
    package func begin(_ job: Job, expected: [NodeID]) async throws {
        let expectations = expected.map { Expectation(node: $0, outcome: .waiting) }
        let commit = try await store.commit([
            .job(job, expected: expectations), .event(.newJob(job, expected: expected)),
        ])
        eventSignal.advance(to: commit.newestSequence)
        var tracker = JobTracker(job: job, expected: expected, patience: patience(of: job))
        let step = tracker.begin(at: now())
        jobs[job.id] = OpenJob(tracker: tracker)
        await perform(step, of: job.id)
    }

    /// Ends the waiting for every open node.
    ///
    /// - Returns: the nodes that were still open, nil when the job is not open.
    package func cancel(_ id: JobID, by user: String) async -> [NodeID]? {
        guard jobs[id] != nil, jobs[id]?.tracker.ended == nil else { return nil }
        let step = jobs[id]?.tracker.cancel(at: now(), by: user) ?? JobTracker.Step()
        await perform(step, of: id)
        return step.changed.map(\.expectation.node)
    }

    /// How an open (or just ended) job stands, nil when it is not in memory.
    package func report(on id: JobID) -> (expectations: [Expectation], ended: Timestamp?, logCount: Int)? {
        guard let open = jobs[id] else { return nil }
        return (open.tracker.expectations, open.tracker.ended, open.log.count)
    }

    /// Waits until the job's log is longer than `position` or the job has ended.
    ///
    /// - Returns: at most `limit` entries from `position` on, and whether that is all there will be.
    package func log(of id: JobID, from position: Int, limit: Int) async -> (entries: [LogEntry], isOver: Bool) {
        while !Task.isCancelled {
            guard let open = jobs[id] else { return ([], true) }
            if open.log.count > position {
                let end = min(position + limit, open.log.count)
                return (Array(open.log[position..<end]), open.tracker.ended != nil && end == open.log.count)
            }
            if open.tracker.ended != nil { return ([], true) }
            await open.signal.passes(Int64(position))
        }
        return ([], true)
    }

    private func patience(of job: Job) -> JobTracker.Patience {
        JobTracker.Patience(
            timeout: job.timeout, gatherTimeout: patience.gatherTimeout, maxQuestions: patience.maxQuestions)
    }

    private func resume() async throws {
        for stored in try await store.jobs(JobQuery(limit: 10_000, onlyOpen: true)) {
            let expectations = try await store.expectations(of: stored.job.id)
            let tracker = JobTracker(
                resuming: stored, expectations: expectations, patience: patience(of: stored.job), now: now())
            jobs[stored.job.id] = OpenJob(tracker: tracker)
            logger.info("job taken up again", metadata: ["job.id": "\(stored.job.id)"])
        }
    }

    private func handle(_ report: Report) async {
        switch report {
        case .stored(let returns):
            for nodeReturn in returns { await received(nodeReturn) }
        case .answered(let id, let node, let isRunning):
            guard jobs[id] != nil else { return }
            let step = jobs[id]?.tracker.answered(node, isRunning: isRunning, at: now()) ?? JobTracker.Step()
            await perform(step, of: id)
        }
    }

    private func received(_ nodeReturn: StoredReturn) async {
        guard jobs[nodeReturn.job] != nil else { return }
        let step =
            jobs[nodeReturn.job]?.tracker.received(
                from: nodeReturn.node, returnCode: nodeReturn.returnCode, hasSucceeded: nodeReturn.hasSucceeded,
                at: nodeReturn.received) ?? JobTracker.Step()
        jobs[nodeReturn.job]?.log.append(.answered(nodeReturn.node))
        // The outcome of a return is stored with the return itself; only what else the step says is left to do.
        var rest = step
        rest.changed = []
        await perform(rest, of: nodeReturn.job)
    }

    private func tick() async {
        let now = now()
        for id in jobs.keys.sorted() {
            guard let open = jobs[id] else { continue }
            if let next = open.tracker.nextTimer, next <= now {
                let step = jobs[id]?.tracker.timerFired(at: now) { nodes.contact(of: $0) } ?? JobTracker.Step()
                await perform(step, of: id)
            }
            if let ended = open.tracker.ended, now - ended > afterglow { jobs[id] = nil }
        }
    }

    private func perform(_ step: JobTracker.Step, of id: JobID) async {
        guard let job = jobs[id]?.tracker.job else { return }
        let now = now()
        for change in step.changed { jobs[id]?.log.append(.changed(change.expectation)) }
        if let count = jobs[id]?.log.count { jobs[id]?.signal.advance(to: Int64(count)) }

        var writes: [StoreWrite] = []
        if !step.changed.isEmpty {
            writes.append(.outcomes(id, step.changed.map(\.expectation)))
            for change in step.changed {
                writes.append(.note(id, change.expectation.node, TimelineNote(time: now, text: change.note)))
            }
        }
        for node in step.ask {
            writes.append(.note(id, node, TimelineNote(time: now, text: "silent: asked whether the job runs")))
        }
        if step.hasEnded { writes.append(.jobEnded(id, at: now)) }
        await store(writes, of: id)

        if !step.publish.isEmpty {
            let isWhole = job.batch == nil && step.publish.count == jobs[id]?.tracker.expectations.count
            await publish(job, to: isWhole ? nil : step.publish)
        }
        if !step.ask.isEmpty { await ask(step.ask, about: job) }
        if step.hasEnded { jobs[id]?.signal.advance(to: Int64.max) }
    }

    /// Outcomes that cannot be stored now stay right in memory and are found again from returns and questions after a
    /// restart: the job goes on.
    private func store(_ writes: [StoreWrite], of id: JobID) async {
        guard !writes.isEmpty else { return }
        do {
            try await store.commit(writes)
        } catch {
            logger.error("outcomes not stored", metadata: ["job.id": "\(id)", "error": "\(error)"])
        }
    }

    private func publish(_ job: Job, to nodes: [NodeID]?) async {
        do {
            try await publisher.publish(job, to: nodes)
        } catch {
            logger.error("job not published", metadata: ["job.id": "\(job.id)", "error": "\(error)"])
        }
    }

    private func ask(_ nodes: [NodeID], about job: Job) async {
        let question = ids.next()
        questions.note(question, about: job.id, at: now())
        let find = Job(
            id: question, calls: [FunctionCall("saltutil.find_job", arguments: [.string(job.id.text)])],
            target: Target(nodes: nodes), user: job.user, published: now(), timeout: patience.gatherTimeout)
        await publish(find, to: nodes)
    }
}

extension Event {
    /// Salt's `salt/job/JID/new`.
    static func newJob(_ job: Job, expected: [NodeID]) -> Event {
        let call = job.calls.count == 1 ? job.calls.first : nil
        return Event(
            tag: "salt/job/\(job.id)/new", time: job.published,
            data: .map([
                "jid": .string(job.id.text),
                "tgt_type": .string(job.target.kind.rawValue),
                "tgt": .string(job.target.expression),
                "user": .string(job.user),
                "fun": call.map { .string($0.function) } ?? .array(job.calls.map { .string($0.function) }),
                "arg": .array(call?.arguments ?? job.calls.map { .array($0.arguments) }),
                "minions": .array(expected.map { .string($0.text) }),
                "missing": [],
                "_stamp": .string(job.published.iso8601),
            ]))
    }
}
