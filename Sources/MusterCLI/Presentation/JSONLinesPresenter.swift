import MusterCore

/// A job as lines of JSON, one object each, told apart by `type`:
///
/// - `job`, first: the job, `expected` (node ids) and `missing`.
/// - `answer`: `node`, `function`, `value`, `returnCode`, `outcome`, `received`, `isExpected`.
/// - `outcome`: a node without an answer changed: `node`, `outcome`, and `reason` as text.
/// - `summary`, last: `expected`, `counts` by outcome, `ended`, `unexpected`, and `silent` with a reason for each node
///   without an answer. With Ctrl-C there is none.
struct JSONLinesPresenter: JobPresenter {
    private let missing: [String]
    private var tracked = JobProgress()

    init(missing: [String] = []) { self.missing = missing }

    mutating func show(_ update: JobUpdate, at now: Timestamp) -> Presentation {
        tracked.take(update)
        switch update {
        case .begun(let report):
            return line([
                "type": "job", "job": .string(report.job.id.text), "target": encoded(report.job.target),
                "calls": encoded(report.job.calls), "user": .string(report.job.user),
                "published": encoded(report.job.published),
                "expected": .array(report.nodes.map { .string($0.node.text) }),
                "missing": .array(missing.map(Value.string)),
            ])
        case .answered(let answer, let outcome):
            return line([
                "type": "answer", "job": id, "node": .string(answer.node.text), "function": .string(answer.function),
                "outcome": .string(outcome.kind.rawValue), "returnCode": .int(Int64(answer.returnCode)),
                "value": answer.value, "received": encoded(answer.received), "isExpected": .bool(answer.isExpected),
            ])
        case .changed(let expectation):
            return line((["type": "outcome", "job": id] as ValueMap).appending(expectation))
        case .ended(let report):
            return line([
                "type": "summary", "job": id, "expected": .int(Int64(report.nodes.count)),
                "counts": .map(ValueMap(counts: report.counts)),
                "ended": report.ended.map { encoded($0) } ?? .null,
                "silent": .array(
                    report.nodes.filter { !$0.outcome.hasReturned }.map { .map(ValueMap().appending($0)) }),
                "unexpected": .array(report.unexpected.map { .string($0.text) }),
            ])
        }
    }

    mutating func tick(at now: Timestamp) -> Presentation { .nothing }

    mutating func interrupted(at now: Timestamp) -> Presentation { Presentation(diagnostics: tracked.goesOn) }

    func progress(at now: Timestamp) -> String? { tracked.line(at: now) }

    private var id: Value { tracked.job.map { .string($0.id.text) } ?? .null }

    private func line(_ map: ValueMap) -> Presentation {
        Presentation(output: JSON.text(.map(map), layout: .spaced) + "\n")
    }
}

extension ValueMap {
    /// With what a node's outcome is and why.
    fileprivate func appending(_ expectation: Expectation) -> ValueMap {
        var map = self
        map["node"] = .string(expectation.node.text)
        map["outcome"] = .string(expectation.outcome.kind.rawValue)
        map["reason"] = .string(expectation.outcome.description)
        return map
    }
}

/// A contract value as the API sends it; these types never refuse to be encoded.
func encoded(_ object: some Encodable) -> Value {
    (try? ValueEncoder().encode(object)) ?? .null
}
