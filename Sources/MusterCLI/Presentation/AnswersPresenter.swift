import MusterCore

/// Muster's own presentation of a job: answers with their nodes, identical ones folded into one, then the summary.
///
/// On a terminal folded answers come in steps, the first after a second and the next ones at growing distances, so that a
/// slow job shows what it has; into a pipe they come once, when the job has ended.
struct AnswersPresenter: JobPresenter {
    /// How answers are shown.
    enum Folding: Sendable, Hashable {
        /// Each answer as it comes.
        case none
        /// Identical answers as one, at the end.
        case atEnd
        /// Identical answers as one, in steps.
        case inSteps
        /// Only the summary.
        case summaryOnly
    }

    private struct Answer: Hashable {
        let value: Value
        let hasSucceeded: Bool
        let returnCode: Int
    }

    private let folding: Folding
    private let outputter: Outputter
    private let indent: Int?
    private let palette: Palette
    private let diagnosticsPalette: Palette
    private let missing: [String]

    private var tracked = JobProgress()
    private var pending: [Answer: [NodeID]] = [:]
    private var order: [Answer] = []
    private var oldestPending: Timestamp?
    private var step = Duration.seconds(1)

    init(
        folding: Folding, outputter: Outputter = .nested, indent: Int? = nil, palette: Palette = .plain,
        diagnosticsPalette: Palette = .plain, missing: [String] = []
    ) {
        self.folding = folding
        self.outputter = outputter
        self.indent = indent
        self.palette = palette
        self.diagnosticsPalette = diagnosticsPalette
        self.missing = missing
    }

    mutating func show(_ update: JobUpdate, at now: Timestamp) -> Presentation {
        tracked.take(update)
        switch update {
        case .begun, .changed:
            return .nothing
        case .answered(let answer, _):
            return take(answer, at: now)
        case .ended(let report):
            let lines = Summary(
                report: report, missing: missing, palette: folding == .summaryOnly ? palette : diagnosticsPalette
            )
            .lines.map { $0 + "\n" }.joined()
            return folding == .summaryOnly
                ? Presentation(output: lines) : Presentation(output: flush(), diagnostics: lines)
        }
    }

    mutating func tick(at now: Timestamp) -> Presentation {
        guard folding == .inSteps, let oldestPending, now - oldestPending >= step else { return .nothing }
        step = min(step * 2, .seconds(30))
        return Presentation(output: flush())
    }

    mutating func interrupted(at now: Timestamp) -> Presentation {
        Presentation(output: flush(), diagnostics: tracked.goesOn)
    }

    func progress(at now: Timestamp) -> String? { tracked.line(at: now) }

    private mutating func take(_ answer: NodeAnswer, at now: Timestamp) -> Presentation {
        let content = Answer(value: answer.value, hasSucceeded: answer.hasSucceeded, returnCode: answer.returnCode)
        switch folding {
        case .summaryOnly: return .nothing
        case .none: return Presentation(output: text(content, [answer.node]))
        case .atEnd, .inSteps:
            if pending[content] == nil { order.append(content) }
            pending[content, default: []].append(answer.node)
            if oldestPending == nil { oldestPending = now }
            return .nothing
        }
    }

    /// The pending answers: by the first node's name, failed ones last, next to the summary.
    private mutating func flush() -> String {
        let groups = order.compactMap { content in pending[content].map { (content, $0.sorted()) } }
            .sorted { left, right in
                if left.0.hasSucceeded != right.0.hasSucceeded { return left.0.hasSucceeded }
                return left.1[0] < right.1[0]
            }
        pending = [:]
        order = []
        oldestPending = nil
        return groups.map { text($0, $1) }.joined()
    }

    private func text(_ answer: Answer, _ nodes: [NodeID]) -> String {
        var label = NodeSet.text(nodes)
        if outputter == .nested {
            if nodes.count > 1 { label += " (\(nodes.count))" }
            if !answer.hasSucceeded {
                label += " failed" + (answer.returnCode == 0 ? "" : ", retcode \(answer.returnCode)")
            }
        }
        let text = outputter.text(
            .map(ValueMap([(key: .string(label), value: answer.value)])),
            options: .init(
                palette: palette, indent: indent,
                returnCode: answer.hasSucceeded ? 0 : max(1, answer.returnCode)))
        return text.isEmpty ? "" : text + "\n"
    }
}
