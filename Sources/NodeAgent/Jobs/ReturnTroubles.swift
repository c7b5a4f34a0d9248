package import MusterCore

/// Which returns a master does not take: so that none keeps the others back, and one that is never taken has an end.
///
/// A value without clock or disk. A refusal counts against its return. Silence counts only when another return got
/// through meanwhile: while the master is away it says nothing about the return.
package struct ReturnTroubles: Sendable {
    /// What a master said to a return.
    package enum Answer: Sendable, Hashable {
        case taken
        /// It answered, and did not take it.
        case refused
        /// It did not answer, or could not be reached.
        case silence
    }

    /// After how many troubles a return is given up.
    package let limit: Int
    private var counts: [JobID: Int] = [:]
    /// Left unanswered since a return was last taken.
    private var silent: Set<JobID> = []
    private var silencesInARow = 0

    package init(limit: Int = 10) { self.limit = max(1, limit) }

    /// Begins a round of sending what waits.
    ///
    /// - Parameter waiting: oldest first.
    /// - Returns: the same, with those that had troubles behind the others.
    /// - Complexity: O(*n* log *n*).
    package mutating func round(of waiting: [JobID]) -> [JobID] {
        let present = Set(waiting)
        counts = counts.filter { present.contains($0.key) }
        silent.formIntersection(present)
        silencesInARow = 0
        return waiting.enumerated().sorted { weight($0.element, $0.offset) < weight($1.element, $1.offset) }
            .map(\.element)
    }

    /// Whether two returns in a row were left unanswered: then it is not the return, and the round is over.
    package var isMasterAway: Bool { silencesInARow >= 2 }

    /// Whether a return was ever not taken.
    package func isTroubled(_ job: JobID) -> Bool { counts[job] != nil || silent.contains(job) }

    /// Notes what the master said to a return.
    ///
    /// - Returns: the returns to give up now; they are forgotten here. Usually none.
    package mutating func note(_ answer: Answer, to job: JobID) -> [JobID] {
        var troubled: Set<JobID> = []
        switch answer {
        case .taken:
            silencesInARow = 0
            counts[job] = nil
            silent.remove(job)
            (troubled, silent) = (silent, [])
        case .refused:
            silencesInARow = 0
            silent.remove(job)
            troubled = [job]
        case .silence:
            silencesInARow += 1
            silent.insert(job)
        }
        for job in troubled { counts[job, default: 0] += 1 }
        let hopeless = troubled.filter { counts[$0, default: 0] >= limit }.sorted()
        for job in hopeless { counts[job] = nil }
        return hopeless
    }

    private func weight(_ job: JobID, _ place: Int) -> (Int, Int) {
        (counts[job, default: 0] + (silent.contains(job) ? 1 : 0), place)
    }
}
