import MusterCore

/// Tells one follower what happens in a job: what has happened, then live, to the end.
///
/// Pulled by its reader: it keeps a position in the job's log and reads answers from the store in groups, so that a slow
/// reader costs nothing but its own time and misses no answer: when the job has left the engine's memory meanwhile, the
/// rest is read from the store.
///
///     not begun ──► live ──► ending ──► over
///         └─ not in memory ─► stored ─────┘
actor JobFeed {
    private enum Stage {
        case notBegun
        /// Follows the engine's log from this place.
        case live(position: Int)
        /// The answers of these nodes are still to be read.
        case stored([NodeID])
        case ending
        case over
    }

    private let id: JobID
    private let engine: JobEngine
    private let store: any Store
    private let report: @Sendable () async throws -> JobReport
    private var stage = Stage.notBegun
    private var expected: Set<NodeID> = []
    /// Whose answers the follower has.
    private var told: Set<NodeID> = []

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

    /// What is there to tell, at least one update; nil after `ended`.
    func next() async throws -> [JobUpdate]? {
        while true {
            try Task.checkCancellation()
            let group: [JobUpdate]
            switch stage {
            case .notBegun:
                let now = try await report()
                expected = Set(now.nodes.map(\.node))
                stage = .live(position: 0)
                group = [.begun(now)]
            case .live(let position):
                group = try await follow(from: position)
            case .stored(let nodes):
                group = try await answers(of: Set(nodes.prefix(groupSize)))
                stage = nodes.count > groupSize ? .stored(Array(nodes.dropFirst(groupSize))) : .ending
            case .ending:
                stage = .over
                group = [.ended(try await report())]
            case .over:
                return nil
            }
            if !group.isEmpty { return group }
        }
    }

    private func follow(from position: Int) async throws -> [JobUpdate] {
        switch await engine.log(of: id, from: position, limit: groupSize) {
        case .entries(let entries, let isOver):
            let updates = try await updates(of: entries)
            stage = isOver ? .ending : .live(position: position + entries.count)
            return updates
        case .forgotten:
            try Task.checkCancellation()
            stage = .stored(try await store.returnedNodes(of: id).filter { !told.contains($0) })
            return []
        }
    }

    private func updates(of entries: [JobEngine.LogEntry]) async throws -> [JobUpdate] {
        var nodes: Set<NodeID> = []
        for case .answered(let node) in entries { nodes.insert(node) }
        var byNode: [NodeID: JobUpdate] = [:]
        for update in try await answers(of: nodes) {
            if case .answered(let answer, _) = update { byNode[answer.node] = update }
        }
        return entries.compactMap { entry in
            switch entry {
            case .answered(let node): byNode[node]
            case .changed(let expectation): .changed(expectation)
            }
        }
    }

    private func answers(of nodes: Set<NodeID>) async throws -> [JobUpdate] {
        guard !nodes.isEmpty else { return [] }
        told.formUnion(nodes)
        return try await store.returns(of: id, nodes: nodes).map { nodeReturn in
            .answered(
                NodeAnswer(nodeReturn, isExpected: expected.contains(nodeReturn.node)), nodeReturn.outcome)
        }
    }
}
