import MCollectiveProtocol

/// The summaries that an action asks for, while answers come in.
///
/// Source: MCollective 2.12, `aggregate.rb`, `rpc/stats.rb`, `text_for_aggregates`.
struct AggregateSummaries: Sendable, Hashable {
    private var aggregates: [Aggregate] = []
    private var failures: [AggregateSummary] = []
    private let labels: [String: String]

    init(_ action: DDLAction) {
        labels = Dictionary(action.outputs.map { ($0.name, $0.displayAs) }, uniquingKeysWith: { first, _ in first })
        for declaration in action.aggregates {
            if labels[declaration.output] == nil {
                failures.append(
                    AggregateSummary(
                        label: declaration.output,
                        outcome: .failed("unspecified output '\(declaration.output)' for the action")))
            } else if let aggregate = Aggregate(declaration) {
                aggregates.append(aggregate)
            } else {
                failures.append(
                    AggregateSummary(
                        label: declaration.output, outcome: .failed("exception raised while processing startup hook")))
            }
        }
    }

    /// Takes in an answer.
    mutating func add(_ reply: RPCReply) {
        for place in aggregates.indices { aggregates[place].add(reply) }
    }

    /// What came of them: those that could be made, by the names of their outputs, then the others.
    var summaries: [AggregateSummary] {
        var made: [AggregateSummary] = []
        var failed = failures
        for aggregate in aggregates.sorted(by: { $0.output.utf8.lexicographicallyPrecedes($1.output.utf8) }) {
            switch aggregate.result {
            case .nothing:
                made.append(AggregateSummary(label: labels[aggregate.output] ?? aggregate.output, outcome: .nothing))
            case .failed:
                failed.append(
                    AggregateSummary(
                        label: aggregate.output, outcome: .failed("exception raised while processing result data")))
            case .counts, .number, .spread:
                made.append(
                    AggregateSummary(
                        label: labels[aggregate.output] ?? aggregate.output, outcome: .lines(aggregate.lines)))
            }
        }
        return made + failed
    }
}
