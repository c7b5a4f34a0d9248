import Glibc
package import Logging
package import MusterCore
import Synchronization

/// Runs a node's jobs: each in its caller's task, within limits, and visible to `saltutil` while it runs.
///
/// Owns the table of running and waiting jobs. One runner serves all masters of a node.
package actor JobRunner: RunningJobs {
    /// How much a node does at once.
    package struct Limits: Sendable, Hashable {
        /// Jobs that run at once; further ones wait.
        package var running = 32
        /// Jobs that wait; further ones are refused with an answer that says so.
        package var waiting = 256
        /// How long a job may run before it is ended, nil for as long as it takes, as in Salt.
        package var time: Duration?

        package init() {}
    }

    /// What a job runs with: it differs by the master that published it.
    package struct Surroundings: Sendable {
        package var pillar: ValueMap
        package var masters: any MasterActions

        package init(pillar: ValueMap, masters: any MasterActions) {
            self.pillar = pillar
            self.masters = masters
        }
    }

    private struct Running {
        let job: NodeJob
        let order: Int
        var isWaiting: Bool
        let programs = JobPrograms()
        var ending: Ending?
        let end: AsyncStream<Void>.Continuation
    }

    /// What ends a job before its time; the answer of each call that had not ended yet.
    private enum Ending {
        case signal(Int32)
        case timeLimit(Duration)

        func answer(_ function: String) -> CallAnswer {
            switch self {
            case .signal(let number):
                CallAnswer(
                    .string("ERROR: the job was ended by signal \(number)"), returnCode: 128 + Int(number),
                    outputter: "nested")
            case .timeLimit(let limit): CallAnswer(failure: FunctionError.timedOut(after: limit), of: function)
            }
        }
    }

    private let node: NodeID
    private let configuration: ValueMap
    private let registry: FunctionRegistry
    private let facts: any FactsProvider
    private let processes: ProcessRunner
    private let limits: Limits
    private let logger: Logger
    private var table: [JobID: Running] = [:]
    private var started = 0
    private var runningCount = 0
    private var queue: [(id: Int, turn: CheckedContinuation<Void, Never>)] = []

    package init(
        node: NodeID, configuration: ValueMap, registry: FunctionRegistry, facts: any FactsProvider,
        processes: ProcessRunner, limits: Limits = Limits(), logger: Logger
    ) {
        self.node = node
        self.configuration = configuration
        self.registry = registry
        self.facts = facts
        self.processes = processes
        self.limits = limits
        self.logger = logger
    }

    /// Runs a job to its end. Never throws: what goes wrong is the answer.
    ///
    /// Cancelling the task ends the job with its programs.
    ///
    /// - Returns: one answer for each call, in order.
    package func run(_ job: NodeJob, in surroundings: Surroundings) async -> [CallAnswer] {
        guard table[job.id] == nil else { return refusal(job, "the job \(job.id) runs already") }
        let mustWait = !job.isUrgent && runningCount >= limits.running
        guard !mustWait || queue.count < limits.waiting else {
            logger.warning(
                "job refused, too many wait", metadata: ["job.id": "\(job.id)", "waiting": "\(queue.count)"])
            return refusal(
                job,
                "\(runningCount) jobs run and \(queue.count) wait on this node: try again later, or raise max_running_jobs"
            )
        }
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        started += 1
        table[job.id] = Running(job: job, order: started, isWaiting: mustWait, end: end)
        defer {
            table[job.id] = nil
            end.finish()
        }
        if job.isUrgent { return await answers(job, in: surroundings, ends: ends) }
        if mustWait { await waitForTurn(started) } else { runningCount += 1 }
        defer { passTurn() }
        table[job.id]?.isWaiting = false
        return await answers(job, in: surroundings, ends: ends)
    }

    /// Calls one function outside any job: `muster call` and tests.
    package func call(_ call: FunctionCall, in surroundings: Surroundings) async -> CallAnswer {
        await answer(call, context: context(job: nil, processes: processes, surroundings))
    }

    /// What a function runs with: for callers that have requests of their own instead of jobs.
    package func context(in surroundings: Surroundings) -> FunctionContext {
        context(job: nil, processes: processes, surroundings)
    }

    // MARK: Turns

    /// At shutdown those who run are cancelled and pass their turns on, so waiting needs no cancellation of its own.
    private func waitForTurn(_ id: Int) async {
        await withCheckedContinuation { queue.append((id, $0)) }
    }

    private func giveTurn(_ id: Int) {
        guard let index = queue.firstIndex(where: { $0.id == id }) else { return }
        runningCount += 1
        queue.remove(at: index).turn.resume()
    }

    private func passTurn() {
        if queue.isEmpty { runningCount -= 1 } else { queue.removeFirst().turn.resume() }
    }

    // MARK: Running

    private func answers(
        _ job: NodeJob, in surroundings: Surroundings, ends: AsyncStream<Void>
    ) async -> [CallAnswer] {
        logger.info("job started", metadata: ["job.id": "\(job.id)", "job.function": "\(job.calls.map(\.function))"])
        let programs = table[job.id]?.programs
        let tracked = processes.tracked(
            started: { pid in programs?.add(pid) }, ended: { pid in programs?.remove(pid) })
        let context = context(job: job, processes: tracked, surroundings)
        let limit = limits.time
        let answers = await withTaskGroup(of: [CallAnswer]?.self) { group in
            group.addTask { await self.answers(job, context) }
            group.addTask {
                for await _ in ends { break }
                return nil
            }
            if let limit {
                group.addTask {
                    // Throws when the job has ended: then there is nothing to end.
                    if (try? await Task.sleep(for: limit)) != nil { await self.end(job.id, .timeLimit(limit)) }
                    return nil
                }
            }
            var answers: [CallAnswer]?
            while answers == nil, let result = await group.next() {
                answers = result
                group.cancelAll()
            }
            return answers ?? []
        }
        let code = answers.map(\.returnCode).first { $0 != 0 } ?? 0
        logger.info("job finished", metadata: ["job.id": "\(job.id)", "job.return_code": "\(code)"])
        return answers
    }

    /// The calls one after the other. Of a job that is ended, the calls that were not finished say so.
    private func answers(_ job: NodeJob, _ context: FunctionContext) async -> [CallAnswer] {
        var answers: [CallAnswer] = []
        for call in job.calls {
            if table[job.id]?.ending == nil, !Task.isCancelled {
                let answer = await answer(call, context: context)
                guard let ending = table[job.id]?.ending else {
                    answers.append(answer)
                    continue
                }
                answers.append(ending.answer(call.function))
            } else {
                let ending = table[job.id]?.ending
                answers.append(
                    ending?.answer(call.function) ?? CallAnswer(failure: FunctionError.cancelled, of: call.function))
            }
        }
        return answers
    }

    private func end(_ job: JobID, _ ending: Ending) {
        if table[job]?.ending == nil { table[job]?.ending = ending }
    }

    private func answer(_ call: FunctionCall, context: FunctionContext) async -> CallAnswer {
        if let refusal = await blackout(call, pillar: context.pillar) { return refusal }
        do {
            return CallAnswer(try await registry.call(call, in: context))
        } catch FunctionError.notAvailable(let name) where name == call.function {
            return await notAvailable(name)
        } catch {
            return CallAnswer(failure: error, of: call.function)
        }
    }

    /// Salt shows the documentation of functions whose names begin alike, when there are any.
    private func notAvailable(_ name: String) async -> CallAnswer {
        let text = FunctionError.notAvailable(function: name).description
        var docs: ValueMap = [:]
        for (other, function) in await registry.functions() where other.hasPrefix(name) {
            docs[other] = .string(function.documentation)
        }
        guard !docs.isEmpty else { return CallAnswer(.string(text), returnCode: 1, outputter: "nested") }
        docs[name] = .string(text)
        return CallAnswer(.map(docs), returnCode: 1, outputter: "nested")
    }

    /// Salt's `minion_blackout`, in pillar or facts: nothing runs but what is listed.
    private func blackout(_ call: FunctionCall, pillar: ValueMap) async -> CallAnswer? {
        for source in [pillar, await facts.facts()] where source["minion_blackout"]?.isTruthy == true {
            let allowed = source["minion_blackout_whitelist"]?.array ?? []
            guard call.function != "saltutil.refresh_pillar", !allowed.contains(.string(call.function)) else {
                continue
            }
            return CallAnswer(
                .string(
                    "ERROR executing '\(call.function)': Minion in blackout mode. Set 'minion_blackout' to False in pillar or "
                        + "grains to resume operations. Only saltutil.refresh_pillar allowed in blackout mode."),
                returnCode: 1, outputter: "nested")
        }
        return nil
    }

    private func context(
        job: NodeJob?, processes: ProcessRunner, _ surroundings: Surroundings
    ) -> FunctionContext {
        var publication: ValueMap = [:]
        for entry in job?.publication ?? [:] { publication["__pub_\(entry.key.pythonText)"] = entry.value }
        let registry = self.registry
        return FunctionContext(
            node: node, job: job?.id, publication: publication, configuration: configuration, facts: facts,
            pillar: surroundings.pillar, processes: processes, jobs: self, functions: registry,
            masters: surroundings.masters
        ) { [self] call in
            try await registry.call(call, in: await context(job: job, processes: processes, surroundings))
        }
    }

    private func refusal(_ job: NodeJob, _ reason: String) -> [CallAnswer] {
        job.calls.map { CallAnswer(failure: FunctionError.failed(reason: reason), of: $0.function) }
    }

    // MARK: RunningJobs

    package func find(_ job: JobID) async -> ValueMap? { table[job].map(description) }

    package func all() async -> [ValueMap] {
        table.values.sorted { $0.order < $1.order }.map(description)
    }

    package func signal(_ job: JobID, _ signal: Int32) async -> Bool {
        guard let running = table[job] else { return false }
        running.programs.signal(signal)
        if signal == SIGTERM || signal == SIGKILL {
            end(job, .signal(signal))
            running.end.yield()
            giveTurn(running.order)
        }
        logger.info("job signalled", metadata: ["job.id": "\(job)", "signal": "\(signal)"])
        return true
    }

    /// Salt's proc-file map: the publish, and the process id of the job's program, or of the node when it has none.
    private func description(_ running: Running) -> ValueMap {
        var map: ValueMap = ["pid": .int(Int64(running.programs.first ?? getpid()))]
        for entry in running.job.publication where entry.key != "serial" { map[entry.key] = entry.value }
        if running.isWaiting { map["queued"] = true }
        return map
    }
}

/// The programs of a job that run now; each leads a process group of its own. Tasks of the job report, anybody reads.
private final class JobPrograms: Sendable {
    private let running = Mutex<[Int32]>([])

    var first: Int32? { running.withLock(\.first) }

    func add(_ pid: Int32) { running.withLock { $0.append(pid) } }

    func remove(_ pid: Int32) { running.withLock { $0.removeAll { $0 == pid } } }

    func signal(_ number: Int32) {
        running.withLock { for pid in $0 { kill(-pid, number) } }
    }
}
