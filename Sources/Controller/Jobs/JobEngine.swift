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
        case answered(JobID, NodeID, JobTracker.Sign)
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

    /// A part of a job's log.
    package enum LogPage: Sendable, Hashable {
        /// Entries in order, and whether the waiting is over and these are the last.
        case entries([LogEntry], isOver: Bool)
        /// The job is not in memory: it ended a while ago, or never was.
        case forgotten
    }

    private struct OpenJob {
        var tracker: JobTracker
        var log: [LogEntry] = []
        /// Nodes that answered without being expected.
        var strangers: Set<NodeID> = []
        /// Rises when the log grows and when the waiting ends; followers wait for it.
        var version: Int64 = 0
        let signal = SequenceSignal()
        /// Not published yet: some of its nodes were connected before the controller's start and are not back.
        var isHeld = false
        /// Whether the store knows that the job goes out; what goes out before is not noted again.
        var isSent = false
        /// When to try again what the store refused; nil while it knows everything.
        var retry: Timestamp?
        /// When nobody needs it in memory any more; nil while it is open.
        var forget: Timestamp?

        /// Whether the answer of this node is not in the log yet.
        mutating func isNews(from node: NodeID) -> Bool {
            if let outcome = tracker.outcome(of: node) { return !outcome.hasReturned }
            return strangers.insert(node).inserted
        }

        /// Takes in returns of this job that are stored.
        ///
        /// - Returns: what they bring about beside their own outcomes, which are stored with them.
        mutating func received(_ returns: ArraySlice<StoredReturn>) -> JobTracker.Step {
            var whole = JobTracker.Step()
            let known = log.count
            for one in returns where isNews(from: one.node) {
                let step = tracker.received(
                    from: one.node, returnCode: one.returnCode, hasSucceeded: one.hasSucceeded, at: one.received)
                whole.publish += step.publish
                whole.hasEnded = whole.hasEnded || step.hasEnded
                log.append(.answered(one.node))
            }
            if log.count > known { announce() }
            return whole
        }

        mutating func clockStepped(by step: Duration) {
            tracker.clockStepped(by: step)
            retry = retry.map { $0 + step }
            forget = forget.map { $0 + step }
        }

        mutating func announce() {
            version += 1
            signal.advance(to: version)
        }
    }

    private let store: any Store
    private let publisher: any JobPublishing
    private let nodes: NodeIndex
    private let questions: QuestionBook
    private let patience: JobTracker.Patience
    /// Until then a job waits for nodes that were connected before the controller's start.
    private var graceEnd: Timestamp
    private let now: @Sendable () -> Timestamp
    private let uptime: @Sendable () -> Duration
    private let logger: Logger
    private let logLimiter = LogLimiter()
    private let ids: JobIDSource
    private var jobs: [JobID: OpenJob] = [:]
    private let mailbox: JobMailbox
    private let eventSignal: SequenceSignal
    /// How far the clock is ahead of `uptime`: another number means that the clock was set.
    private var clockOffset: Duration

    /// How long an ended job stays in memory for its followers and for late returns.
    private let afterglow: Duration = .seconds(30)
    /// How many nodes are asked by name; more are asked by the job's own target.
    private let longestList = 200
    /// How long after a failure outcomes are given to the store again.
    private let retryInterval: Duration = .seconds(5)

    /// - Parameters:
    ///   - patience: the defaults for jobs that do not bring a timeout of their own.
    ///   - graceEnd: until when jobs wait for nodes that were connected before the controller's start and are not back:
    ///     what is published before a node has subscribed again never reaches it.
    ///   - now: what people read; it may be set, back as well.
    ///   - uptime: what only ever goes on, by which the former is judged.
    package init(
        store: any Store, publisher: any JobPublishing, nodes: NodeIndex, questions: QuestionBook,
        patience: JobTracker.Patience, graceEnd: Timestamp, ids: JobIDSource, mailbox: JobMailbox,
        eventSignal: SequenceSignal, now: @escaping @Sendable () -> Timestamp,
        uptime: @escaping @Sendable () -> Duration, logger: Logger
    ) {
        self.store = store
        self.publisher = publisher
        self.nodes = nodes
        self.questions = questions
        self.patience = patience
        self.graceEnd = graceEnd
        self.now = now
        self.uptime = uptime
        clockOffset = JobEngine.offset(now(), uptime())
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

    /// Stores a job with its expected nodes, then publishes it, or holds it while nodes it expects are still on their way
    /// back to a controller that has started.
    ///
    /// - Throws: what the store throws; then nothing is published.
    package func begin(_ job: Job, expected: [NodeID]) async throws {
        let expectations = expected.map { Expectation(node: $0, outcome: .waiting) }
        let awaited = awaited(among: expected)
        var writes: [StoreWrite] = [.job(job, expected: expectations), .event(.newJob(job, expected: expected))]
        writes += awaited.isEmpty ? [.jobSent(job.id, at: now())] : heldNotes(job.id, awaited)
        let commit = try await store.commit(writes)
        eventSignal.advance(to: commit.newestSequence)
        var open = OpenJob(tracker: JobTracker(job: job, expected: expected, patience: patience(of: job)))
        (open.isHeld, open.isSent) = (!awaited.isEmpty, awaited.isEmpty)
        jobs[job.id] = open
        if awaited.isEmpty { await release(job.id) }
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

    /// Waits until the job's log is longer than `position` or the waiting has ended.
    ///
    /// - Returns: at most `limit` entries from `position` on.
    package func log(of id: JobID, from position: Int, limit: Int) async -> LogPage {
        while let open = jobs[id], !Task.isCancelled {
            let hasEnded = open.tracker.ended != nil
            if open.log.count > position {
                let end = min(position + limit, open.log.count)
                return .entries(Array(open.log[position..<end]), isOver: hasEnded && end == open.log.count)
            }
            if hasEnded { return .entries([], isOver: true) }
            let (signal, version) = (open.signal, open.version)
            await signal.passes(version)
        }
        return .forgotten
    }

    private func patience(of job: Job) -> JobTracker.Patience {
        JobTracker.Patience(
            timeout: job.timeout, gatherTimeout: patience.gatherTimeout, maxQuestions: patience.maxQuestions)
    }

    // MARK: What `run()` does

    /// Takes up the jobs that were open when the controller stopped: publishes those that were held and what is left of
    /// batches, ends those whose end was not stored; silent nodes are asked at the next tick.
    package func resume() async throws {
        for stored in try await store.jobs(JobQuery(limit: 10_000, onlyOpen: true)) {
            let id = stored.job.id
            let expectations = try await store.expectations(of: id)
            let expected = Dictionary(uniqueKeysWithValues: expectations.map { ($0.node, $0.outcome) })
            // A return that came between the two reads is also in the mailbox: it is taken from there.
            let answered = try await store.returnedNodes(of: id).filter { expected[$0]?.hasReturned ?? true }
            var open = OpenJob(
                tracker: JobTracker(
                    resuming: stored, expectations: expectations, patience: patience(of: stored.job), now: now(),
                    mayRepeat: publisher.knowsJobs))
            open.log = answered.map(LogEntry.answered)
            open.strangers = Set(answered.filter { expected[$0] == nil })
            open.isSent = stored.sent != nil
            // Only a batch and a job that was held have anything left to publish.
            let hasRest = stored.job.batch != nil || stored.sent == nil
            let awaited = awaited(among: expectations.filter { hasRest && $0.outcome == .waiting }.map(\.node))
            // What is held here is published, or held on, at the next tick: only then it is stored that it goes out.
            open.isHeld = !awaited.isEmpty || stored.sent == nil
            jobs[id] = open
            logger.info("job taken up again", metadata: ["job.id": "\(id)"])
            if !awaited.isEmpty { await store(heldNotes(id, awaited), of: id) }
            if !open.isHeld { await release(id) }
        }
    }

    /// The nodes among these that were connected before the controller's start and are not back, while that counts.
    private func awaited(among expected: [NodeID]) -> [NodeID] {
        now() < graceEnd ? expected.filter(nodes.isAwaited) : []
    }

    private func heldNotes(_ id: JobID, _ awaited: [NodeID]) -> [StoreWrite] {
        let text = "held: the controller has just started, and this node is not back yet"
        return awaited.map { .note(id, $0, TimelineNote(time: now(), text: text)) }
    }

    /// Lets a held job go when everybody it waits for is back, or the grace is over. That it goes out is stored first: a
    /// controller that dies in between has rather not published it than published it twice.
    private func releaseIfDue(_ id: JobID, _ now: Timestamp) async {
        guard let open = jobs[id], open.isHeld, open.tracker.ended == nil else { return }
        let waiting = open.tracker.openNodes
        guard awaited(among: waiting).isEmpty else { return }
        let note = TimelineNote(time: now, text: "published, after the wait for nodes to come back")
        do {
            let sent: [StoreWrite] = open.isSent ? [] : [.jobSent(id, at: now)]
            try await store.commit(sent + waiting.map { .note(id, $0, note) })
        } catch {
            // Held on: it goes out when the store works again.
            return
        }
        jobs[id]?.isSent = true
        await release(id)
    }

    private func release(_ id: JobID) async {
        jobs[id]?.isHeld = false
        await perform(jobs[id]?.tracker.begin(at: now()) ?? JobTracker.Step(), of: id)
    }

    /// Takes in what happened on a fabric.
    package func handle(_ report: Report) async {
        switch report {
        case .stored(let returns):
            var rest = returns[...]
            while let id = rest.first?.job {
                let group = rest.prefix { $0.job == id }
                rest = rest[group.endIndex...]
                let step = jobs[id]?.received(group) ?? JobTracker.Step()
                if !step.isEmpty { await perform(step, of: id) }
            }
        case .answered(let id, let node, let sign):
            guard jobs[id] != nil else { return }
            let step = jobs[id]?.tracker.answered(node, sign, at: now()) ?? JobTracker.Step()
            await perform(step, of: id)
        }
    }

    /// Does what time has made due: questions, giving up, storing again, forgetting.
    package func tick() async {
        let now = now()
        followClock(now)
        for id in jobs.keys.sorted() {
            await releaseIfDue(id, now)
            if let next = jobs[id]?.tracker.nextTimer, next <= now {
                let step = jobs[id]?.tracker.timerFired(at: now) { nodes.contact(of: $0) } ?? JobTracker.Step()
                await perform(step, of: id)
            }
            if let retry = jobs[id]?.retry, retry <= now { await storeAgain(id) }
            if let forget = jobs[id]?.forget, jobs[id]?.retry == nil, forget < now { jobs[id] = nil }
        }
    }

    /// When the clock was set, sets everything that is waited for by as much: a job's patience is in time that passes.
    private func followClock(_ now: Timestamp) {
        let offset = JobEngine.offset(now, uptime())
        let step = offset - clockOffset
        clockOffset = offset
        // Less than this is a clock that is being steered, and a timer that is a little off.
        guard step > .seconds(1) || step < .seconds(-1) else { return }
        logger.notice("the clock was set", metadata: ["seconds": "\(step.inSeconds)"])
        for id in jobs.keys { jobs[id]?.clockStepped(by: step) }
        nodes.clockStepped(by: step)
        graceEnd = graceEnd + step
    }

    private static func offset(_ now: Timestamp, _ uptime: Duration) -> Duration {
        .microseconds(now.microseconds) - uptime
    }

    /// Does what a step says, and what follows from publishes that fail.
    private func perform(_ step: JobTracker.Step, of id: JobID) async {
        guard let job = jobs[id]?.tracker.job else { return }
        var step = step
        while true {
            let question = step.ask.isEmpty ? nil : ids.next()
            await write(step, of: job, asking: question)
            if let question { await ask(step.ask, about: job, as: question) }
            guard !step.publish.isEmpty else { return }
            let isWhole = job.batch == nil && step.publish.count == jobs[id]?.tracker.expectations.count
            do {
                try await publisher.publish(job, to: isWhole ? .everybody(step.publish) : .only(step.publish))
                return
            } catch {
                let failure = error as? PublishFailure ?? PublishFailure(nodes: step.publish, reason: "\(error)")
                logError("job not published", error, job: id)
                guard let open = jobs[id] else { return }
                // Nobody has it when it failed for everybody at once; of a batch some may.
                if failure.nodes.count == open.tracker.expectations.count {
                    await store([.jobSent(id, at: nil)], of: id)
                }
                step =
                    jobs[id]?.tracker.couldNotPublish(to: failure.nodes, reason: failure.reason, at: now())
                    ?? JobTracker.Step()
            }
        }
    }

    /// Tells the followers and the store.
    ///
    /// - Parameter question: The id under which nodes will be asked. It is stored before it is used: ids rise above it even
    ///   when the controller starts anew with a clock that was set back.
    private func write(_ step: JobTracker.Step, of job: Job, asking question: JobID?) async {
        let (id, now) = (job.id, now())
        if step.hasEnded { jobs[id]?.forget = now + afterglow }
        if step.hasReopened { jobs[id]?.forget = nil }
        if !step.changed.isEmpty { jobs[id]?.log += step.changed.map { .changed($0.expectation) } }
        if !step.changed.isEmpty || step.hasEnded { jobs[id]?.announce() }

        var writes: [StoreWrite] = []
        if !step.changed.isEmpty { writes.append(.outcomes(id, step.changed.map(\.expectation))) }
        writes += step.changed.map { .note(id, $0.expectation.node, TimelineNote(time: now, text: $0.note)) }
        writes += step.ask.filter(publisher.knowsJobs).map {
            .note(id, $0, TimelineNote(time: now, text: "silent: asked whether the job runs"))
        }
        if let question { writes.append(.idGiven(question)) }
        if step.hasEnded || step.hasReopened { writes.append(.jobEnded(id, at: jobs[id]?.tracker.ended)) }
        if !writes.isEmpty { await store(writes, of: id) }
    }

    /// What cannot be stored now stays right in memory and is stored later: the job goes on.
    private func store(_ writes: [StoreWrite], of id: JobID) async {
        do {
            try await store.commit(writes)
        } catch {
            // An outage is told once, by the store's owner.
            if (error as? StoreError)?.isOutage != true { logError("outcomes not stored, tried again", error, job: id) }
            jobs[id]?.retry = now() + retryInterval
        }
    }

    /// Stores how the job stands, after writes of it have failed. The notes of that time are lost.
    private func storeAgain(_ id: JobID) async {
        guard let tracker = jobs[id]?.tracker else { return }
        // The outcome of a return was stored with the return.
        let outcomes = tracker.expectations.filter { !$0.outcome.hasReturned }
        jobs[id]?.retry = nil
        await store([.outcomes(id, outcomes), .jobEnded(id, at: tracker.ended)], of: id)
    }

    private func ask(_ nodes: [NodeID], about job: Job, as question: JobID) async {
        questions.note(question, about: job.id, at: now())
        // Every subscriber gets every publish: a long list costs more than the answers of those who need not be asked.
        let isList = nodes.count <= longestList || job.batch != nil
        do {
            try await publisher.ask(
                isList ? .only(nodes) : .everybody(nodes), about: job, as: question, patience: patience.gatherTimeout)
        } catch {
            // Unanswered like any other question.
            logError("question not published", error, job: job.id)
        }
    }

    /// With a full disk this happens to every open job every few seconds: one line a minute and kind.
    private func logError(_ phrase: Logger.Message, _ error: any Error, job: JobID) {
        guard let left = logLimiter.admit("\(phrase)", at: now()) else { return }
        logger.error(phrase, metadata: ["job.id": "\(job)", "error": "\(error)", "suppressed": "\(left)"])
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
