import MusterCore
import SaltProtocol

/// A job as all nodes of a process look at it: read, understood and answered once.
///
/// Owner: the fleet's event loop.
final class SharedJob {
    let load: PublishLoad
    /// What the functions take together.
    let duration: Duration
    /// Nodes do not think about questions, and do not fail them.
    let isQuestion: Bool
    /// Whether it was for a node of this process.
    var isCounted = false
    private let matcher: TargetMatcher?
    private let needsFacts: Bool
    private let isSameForAll: Bool
    private var answer: ReturnTemplate?
    private var failure: ReturnTemplate?

    init(_ load: PublishLoad) {
        self.load = load
        duration = load.calls.reduce(.zero) { $0 + SimulatedFunction.duration(of: $1) }
        isQuestion = load.calls.allSatisfy { SimulatedFunction.isQuestion($0) }
        isSameForAll = load.calls.allSatisfy { SimulatedFunction.isSameForAll($0) }
        // Nodes leave nodegroups to masters; an expression that cannot be read matches nobody.
        matcher = load.target.flatMap { $0.kind == .nodegroup ? nil : try? TargetMatcher($0) }
        needsFacts = matcher?.needsFacts ?? false
    }

    /// Whether the job is for a node.
    func isFor(_ node: NodeID, facts: () -> ValueMap, pillar: ValueMap) -> Bool {
        matcher?.matches(node, facts: needsFacts ? facts() : [:], pillar: needsFacts ? pillar : [:]) ?? false
    }

    /// The return of a node that does as it is told.
    func answer(of node: @autoclosure () -> SimulatedFunction.Node) -> ReturnTemplate {
        if let answer { return answer }
        let node = node()
        let template = template { SimulatedFunction.answer(to: $0, on: node) }
        if isSameForAll { answer = template }
        return template
    }

    /// The return of a node that fails.
    func failing() -> ReturnTemplate {
        if let failure { return failure }
        let template = template(SimulatedFunction.failure(of:))
        failure = template
        return template
    }

    private func template(_ answer: (FunctionCall) -> SimulatedFunction.Answer) -> ReturnTemplate {
        let answers = load.calls.map(answer)
        return ReturnTemplate(
            ReturnLoad(
                load, answers: answers.map { ReturnLoad.Answer($0.value, code: $0.returnCode) },
                outputter: answers.lazy.compactMap(\.outputter).first))
    }
}
