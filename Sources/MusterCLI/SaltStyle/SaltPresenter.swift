import MusterCore

/// A node of a job as the program `salt` counts it.
struct SaltRow: Sendable, Hashable {
    let node: String
    /// Salt's `retcode`; 1 for a node that did not answer.
    let returnCode: Int
    let hasAnswered: Bool
    /// Whether it is known not to be connected.
    let isOffline: Bool

    /// Every node of a job, those that answered unexpectedly and those that are not known too.
    static func rows(of report: JobReport, missing: [String]) -> [SaltRow] {
        report.nodes.map { SaltRow($0) }
            + report.unexpected.map { SaltRow(node: $0.text, returnCode: 0, hasAnswered: true, isOffline: false) }
            + missing.map { SaltRow(node: $0, returnCode: 1, hasAnswered: false, isOffline: false) }
    }

    private init(node: String, returnCode: Int, hasAnswered: Bool, isOffline: Bool) {
        self.node = node
        self.returnCode = returnCode
        self.hasAnswered = hasAnswered
        self.isOffline = isOffline
    }

    private init(_ expectation: Expectation) {
        node = expectation.node.text
        hasAnswered = expectation.outcome.hasReturned
        isOffline = expectation.outcome.kind == .unreachable
        returnCode =
            switch expectation.outcome {
            case .ok: 0
            case .failed(let code): code
            default: 1
            }
    }
}

/// Salt's presentation of a job: each answer as it comes, the silent nodes at the end.
struct SaltPresenter: JobPresenter {
    enum Style: Sendable, Hashable {
        case streaming
        /// `--static`: one value when the job has ended.
        case atOnce
        /// `sys.doc`: the documentation of all nodes as one.
        case documentation(hasLayout: Bool)
    }

    private let style: Style
    private let output: SaltOutput
    private let missing: [String]
    private let showsSilent: Bool
    private var tracked = JobProgress()
    private var answers: ValueMap = [:]

    init(style: Style, output: SaltOutput, missing: [String] = [], showsSilent: Bool = true) {
        self.style = style
        self.output = output
        self.missing = missing
        self.showsSilent = showsSilent
    }

    mutating func show(_ update: JobUpdate, at now: Timestamp) -> Presentation {
        tracked.take(update)
        switch update {
        case .begun, .changed: return .nothing
        case .answered(let answer, _): return take(answer)
        case .ended(let report): return end(report)
        }
    }

    mutating func tick(at now: Timestamp) -> Presentation { .nothing }

    mutating func interrupted(at now: Timestamp) -> Presentation {
        guard let job = tracked.job else { return .nothing }
        return Presentation(
            diagnostics: """

                This job's jid is: \(job.id)
                Exiting gracefully on Ctrl-c
                The minions may not have all finished running and any remaining minions will return upon completion. \
                To look up the return data for this job later, run the following command:

                muster jobs show \(job.id)

                """)
    }

    func progress(at now: Timestamp) -> String? { tracked.line(at: now) }

    private mutating func take(_ answer: NodeAnswer) -> Presentation {
        guard style == .streaming else {
            answers[answer.node.text] = answer.value
            return .nothing
        }
        let layout = answer.outputter.flatMap(Outputter.init(name:))
        return Presentation(
            output: output.text(
                .map(ValueMap([(key: .string(answer.node.text), value: answer.value)])), in: layout,
                returnCode: answer.returnCode))
    }

    private func end(_ report: JobReport) -> Presentation {
        let silent = SaltRow.rows(of: report, missing: missing).filter { !$0.hasAnswered }
        switch style {
        case .streaming:
            guard showsSilent else { return .nothing }
            return Presentation(output: silent.map { text(of: $0, report.job.id) }.joined())
        case .atOnce:
            return Presentation(
                output: answers.isEmpty ? "" : output.text(.map(answers)),
                diagnostics: silent.map { "Minion \($0.node) did not respond.\n" }.joined())
        case .documentation(let hasLayout):
            return Presentation(output: documentation(hasLayout: hasLayout))
        }
    }

    private func text(of row: SaltRow, _ job: JobID) -> String {
        let text =
            row.isOffline
            ? "Minion did not return. [Not connected]"
            : """
            Minion did not return. [No response]
            The minions may not have all finished running and any remaining minions will return upon completion. To look \
            up the return data for this job later, run the following command:

            muster jobs show \(job)
            """
        return output.text(
            .map(ValueMap([(key: .string(row.node), value: .string(text))])), in: .noReturn, returnCode: 1)
    }

    private func documentation(hasLayout: Bool) -> String {
        var documents: [String: Value] = [:]
        for entry in answers {
            for function in entry.value.map ?? [:] where function.value.isTruthy {
                if let name = function.key.string, documents[name] == nil { documents[name] = function.value }
            }
        }
        return documents.sorted { PythonText.precedes($0.key, $1.key) }.map { name, document in
            hasLayout
                ? output.text(.map(ValueMap([(key: .string(name), value: document)])), in: .nested)
                : "\(name):\n\(document.pythonText)\n\n"
        }.joined()
    }
}
