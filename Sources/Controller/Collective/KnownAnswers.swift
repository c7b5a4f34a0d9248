import MCollectiveProtocol
import MusterCore

/// Who answered which discovery, so that the next one of the same filter knows when it is complete.
struct KnownAnswers: Sendable {
    private struct Answer {
        var nodes: Set<String>
        var time: Timestamp
    }

    /// How long an answer counts; then the whole window is waited for again, so that newcomers that are slow are found.
    private let lifetime: Duration
    private let capacity: Int
    private var answers: [Filter: Answer] = [:]

    init(lifetime: Duration = .seconds(300), capacity: Int = 256) {
        self.lifetime = lifetime
        self.capacity = capacity
    }

    /// Who answered, nil when that is not known.
    func nodes(_ filter: Filter, at now: Timestamp) -> Set<String>? {
        guard let answer = answers[filter], (.zero..<lifetime).contains(now - answer.time) else { return nil }
        return answer.nodes
    }

    /// Notes who answered.
    ///
    /// - Parameter isWhole: Whether the whole window was waited for; only then the answer is as good as new.
    mutating func note(_ nodes: Set<String>, to filter: Filter, at now: Timestamp, isWhole: Bool) {
        let time = isWhole ? now : answers[filter]?.time ?? now
        answers[filter] = Answer(nodes: nodes, time: time)
        guard answers.count > capacity, let oldest = answers.min(by: { $0.value.time < $1.value.time }) else { return }
        answers[oldest.key] = nil
    }
}
