import Logging
package import MusterCore

extension Controller: ControllerService {
    package func preview(_ target: Target) async throws -> TargetPreview {
        let resolution = try await resolve(target, for: [])
        return TargetPreview(
            nodes: resolution.nodes.map { .init(node: $0, isConnected: nodeIndex.isConnected($0)) },
            missing: resolution.missing, unjudged: resolution.unjudged, warnings: resolution.warnings)
    }

    package func publish(_ request: JobRequest) async throws -> JobReceipt {
        guard !request.calls.isEmpty, request.calls.allSatisfy({ $0.function.contains(".") }) else {
            throw ControllerError.invalidRequest(reason: "a job needs a function of the form MODULE.FUNCTION")
        }
        let resolution = try await resolve(request.target, for: request.calls)
        if !request.allowsMissing, !resolution.missing.isEmpty {
            throw ControllerError.unknownNodes(resolution.missing)
        }
        guard !resolution.nodes.isEmpty else {
            throw ControllerError.nothingMatched(target: request.target.expression)
        }
        let job = Job(
            id: ids.next(), calls: request.calls, target: try resolver.published(request.target), user: request.user,
            published: now(), timeout: request.timeout ?? configuration.jobTimeout, returners: request.returners,
            metadata: request.metadata, batch: request.batch)
        try await begin(job, expected: resolution.nodes)
        audit("job published", by: request.user, ["job.id": job.id.text, "function": job.functionNames])
        return JobReceipt(
            job: job.id, expected: resolution.nodes, missing: resolution.missing, warnings: resolution.warnings)
    }

    package func follow(_ job: JobID) async throws -> AsyncThrowingStream<[JobUpdate], any Error> {
        guard try await store.job(job) != nil else { throw ControllerError.unknownJob(job) }
        let feed = JobFeed(job, engine: engine, store: store) { try await self.job(job) }
        return AsyncThrowingStream { try await feed.next() }
    }

    package func jobs(_ query: JobQuery) async throws -> [StoredJob] { try await store.jobs(query) }

    package func job(_ id: JobID) async throws -> JobReport {
        guard let stored = try await store.job(id) else { throw ControllerError.unknownJob(id) }
        let live = await engine.report(on: id)
        let nodes: [Expectation]
        if let live { nodes = live.expectations } else { nodes = try await store.expectations(of: id) }
        let expected = Set(nodes.map(\.node))
        let returned = try await store.returnedNodes(of: id)
        return JobReport(
            job: stored.job, ended: live?.ended ?? stored.ended, nodes: nodes,
            unexpected: returned.filter { !expected.contains($0) })
    }

    package func answers(of job: JobID, nodes: [NodeID]?) async throws -> [NodeAnswer] {
        guard try await store.job(job) != nil else { throw ControllerError.unknownJob(job) }
        let expected = Set(try await store.expectations(of: job).map(\.node))
        return try await store.returns(of: job, nodes: nodes.map(Set.init)).map {
            NodeAnswer($0, isExpected: expected.contains($0.node))
        }
    }

    package func why(_ job: JobID, _ node: NodeID) async throws -> NodeTimeline {
        guard let stored = try await store.job(job) else { throw ControllerError.unknownJob(job) }
        let report = try await self.job(job)
        let outcome = report.nodes.first { $0.node == node }?.outcome
        let returned = try await store.returns(of: job, nodes: [node]).first
        guard outcome != nil || returned != nil else { throw ControllerError.unknownNode(node) }
        var notes = try await store.notes(of: job, node: node)
        notes.insert(TimelineNote(time: stored.job.published, text: stored.beginning), at: 0)
        if let returned {
            notes.append(
                TimelineNote(
                    time: returned.received, text: "answered with return code \(returned.returnCode), stored"))
        }
        if let contact = nodeIndex.lastContact(of: node) {
            notes.append(
                TimelineNote(
                    time: contact.time,
                    text: contact.isConnected
                        ? "last heard from, connected from \(contact.address ?? "an unknown address")"
                        : "last heard from, not connected since"))
        }
        // In order of time; what happened at one time in the order of the steps above.
        let sorted = notes.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        return NodeTimeline(node: node, outcome: outcome, notes: sorted.map(\.element))
    }

    package func cancel(_ job: JobID, by user: String) async throws -> JobReport {
        _ = try await self.job(job)
        guard let cancelled = await engine.cancel(job, by: user) else { throw ControllerError.jobHasEnded(job) }
        audit("job cancelled", by: user, ["job.id": job.text])
        // Nobody can be told on the collective: what runs there runs to its end.
        let open = cancelled.filter { keys.state(of: $0) == .accepted }
        if !open.isEmpty {
            let kill = Job(
                id: ids.next(), calls: [FunctionCall("saltutil.term_job", arguments: [.string(job.text)])],
                target: Target(nodes: open), user: user, published: now(), timeout: configuration.jobTimeout)
            try await begin(kill, expected: open)
        }
        return try await self.job(job)
    }

    private func begin(_ job: Job, expected: [NodeID]) async throws(ControllerError) {
        do {
            try await engine.begin(job, expected: expected)
        } catch {
            throw .storeUnavailable(reason: "\(error)")
        }
    }

    /// The audit log: who did what.
    func audit(_ what: String, by user: String, _ details: [String: String]) {
        var metadata: [String: String] = details
        metadata["user"] = user
        logger.notice("audit: \(what)", metadata: metadata.mapValues { "\($0)" })
    }
}

extension Job {
    /// The functions, joined by commas.
    var functionNames: String { calls.map(\.function).joined(separator: ",") }
}

extension StoredJob {
    /// The first line of a node's timeline.
    fileprivate var beginning: String {
        let nodes = expectedCount == 1 ? "1 node" : "\(expectedCount) nodes"
        guard sent == nil else { return "published to \(nodes) by \(job.user)" }
        if ended == nil { return "made for \(nodes) by \(job.user), not published yet" }
        return counts[.ok, default: 0] + counts[.failed, default: 0] > 0
            ? "returned by \(job.user) without being asked" : "made for \(nodes) by \(job.user), never published"
    }
}
