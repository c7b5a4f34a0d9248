import MusterCore

/// Turns what happens in a job into text. A value: the screen that owns it does the writing.
protocol JobPresenter: Sendable {
    /// What is to be written now.
    mutating func show(_ update: JobUpdate, at now: Timestamp) -> Presentation
    /// Called several times a second while nothing happens, on a terminal only.
    mutating func tick(at now: Timestamp) -> Presentation
    /// The operator pressed Ctrl-C: what is known and not yet shown, and how to see the rest.
    mutating func interrupted(at now: Timestamp) -> Presentation
    /// The line that shows how far the job is; nil when there is nothing to show.
    func progress(at now: Timestamp) -> String?
}

/// Text to write: results and, after them, what is said beside them. Both with their line ends.
struct Presentation: Sendable, Hashable {
    var output = ""
    var diagnostics = ""

    static let nothing = Presentation()
}

/// Counts the outcomes of a job while it runs, for progress lines and texts about an interruption.
struct JobProgress: Sendable {
    private(set) var job: Job?
    private var outcomes: [NodeID: Outcome.Kind] = [:]
    private(set) var counts: [Outcome.Kind: Int] = [:]

    var expected: Int { outcomes.count }

    mutating func take(_ update: JobUpdate) {
        switch update {
        case .begun(let report), .ended(let report):
            job = report.job
            outcomes = Dictionary(report.nodes.map { ($0.node, $0.outcome.kind) }, uniquingKeysWith: { $1 })
            counts = report.counts
        case .answered(let answer, let outcome):
            if answer.isExpected { move(answer.node, to: outcome.kind) }
        case .changed(let expectation):
            move(expectation.node, to: expectation.outcome.kind)
        }
    }

    private mutating func move(_ node: NodeID, to kind: Outcome.Kind) {
        if let old = outcomes.updateValue(kind, forKey: node) { counts[old, default: 0] -= 1 }
        counts[kind, default: 0] += 1
    }

    /// `7 of 15 answered, 1 failed, 3 running · 2.4 s`
    func line(at now: Timestamp) -> String? {
        guard let job else { return nil }
        let failed = counts[.failed, default: 0]
        let answered = counts[.ok, default: 0] + failed
        var parts = ["\(answered) of \(expected) answered"]
        for (kind, count) in [(Outcome.Kind.failed, failed)]
            + [.running, .unreachable, .timedOut, .refused, .lost, .cancelled].map({ ($0, counts[$0, default: 0]) })
        where count > 0 {
            parts.append("\(count) \(kind.rawValue)")
        }
        return parts.joined(separator: ", ") + " · " + (now - job.published).short
    }

    /// What to say when the operator stops waiting.
    var goesOn: String {
        guard let id = job?.id else { return "" }
        return """
            The job goes on without you: 'muster jobs show \(id)' shows it, 'muster jobs wait \(id)' waits for it, \
            'muster jobs cancel \(id)' ends it.

            """
    }
}
