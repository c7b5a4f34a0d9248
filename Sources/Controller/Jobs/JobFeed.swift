import MusterCore

/// Tells one follower what happens in a job: what has happened, then live, to the end.
///
/// Pulled by its reader: it keeps a position in the job's log and reads answers from the store in groups, so that a slow
/// reader costs nothing but its own time and misses nothing.
actor JobFeed {
    private enum State {
        case notBegun
        case open(position: Int, waiting: [JobUpdate])
        case over
    }

    private let id: JobID
    private let engine: JobEngine
    private let store: any Store
    private let report: @Sendable () async throws -> JobReport
    private var state = State.notBegun
    private var expected: Set<NodeID> = []

    /// How many log entries are taken, and answers read, at once.
    private let groupSize = 256

    /// - Parameter report: how the job stands now; throws when the job is unknown.
    init(
        _ id: JobID, engine: JobEngine, store: any Store, report: @escaping @Sendable () async throws -> JobReport
    ) {
        self.id = id
        self.engine = engine
        self.store = store
        self.report = report
    }

    /// The next update, nil after `ended`.
    func next() async throws -> JobUpdate? {
        switch state {
        case .notBegun:
            return try await begin()
        case .open(let position, var waiting):
            if !waiting.isEmpty {
                let update = waiting.removeFirst()
                state = .open(position: position, waiting: waiting)
                return update
            }
            return try await advance(from: position)
        case .over:
            return nil
        }
    }

    private func begin() async throws -> JobUpdate {
        let now = try await report()
        expected = Set(now.nodes.map(\.node))
        if await engine.report(on: id) == nil {
            let answers = try await answers(nil)
            state = .open(position: Int.max, waiting: answers + [.ended(now)])
        } else {
            state = .open(position: 0, waiting: [])
        }
        return .begun(now)
    }

    private func advance(from position: Int) async throws -> JobUpdate? {
        guard position != Int.max else {
            state = .over
            return nil
        }
        let (entries, isOver) = await engine.log(of: id, from: position, limit: groupSize)
        try Task.checkCancellation()
        var updates = try await updates(of: entries)
        if isOver { updates.append(.ended(try await report())) }
        state = .open(position: isOver ? Int.max : position + entries.count, waiting: updates)
        return try await next()
    }

    private func updates(of entries: [JobEngine.LogEntry]) async throws -> [JobUpdate] {
        var nodes: Set<NodeID> = []
        for case .answered(let node) in entries { nodes.insert(node) }
        let answers = nodes.isEmpty ? [:] : try await byNode(answers(nodes))
        return entries.compactMap { entry in
            switch entry {
            case .answered(let node): answers[node]
            case .changed(let expectation): .changed(expectation)
            }
        }
    }

    private func byNode(_ updates: [JobUpdate]) -> [NodeID: JobUpdate] {
        var byNode: [NodeID: JobUpdate] = [:]
        for case .answered(let answer, let outcome) in updates { byNode[answer.node] = .answered(answer, outcome) }
        return byNode
    }

    private func answers(_ nodes: Set<NodeID>?) async throws -> [JobUpdate] {
        try await store.returns(of: id, nodes: nodes).map { nodeReturn in
            .answered(
                NodeAnswer(nodeReturn, isExpected: expected.contains(nodeReturn.node)),
                nodeReturn.hasSucceeded ? .ok : .failed(code: nodeReturn.returnCode))
        }
    }
}
