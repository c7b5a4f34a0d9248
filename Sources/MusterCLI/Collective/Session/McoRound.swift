import MCollectiveProtocol
import MusterCore
import Synchronization

/// One call while its answers come in: results, summaries, numbers.
struct McoRound: Sendable {
    /// The bar of the call, nil when none is shown.
    let meter: ProgressMeter?
    private let agent: String
    private let action: DDLAction
    private let nodes: [String]
    private let isSorted: Bool
    private var results: [McoResult] = []
    private var isCut = false
    private var summaries: AggregateSummaries
    private var statistics: McoStatistics

    init(_ world: McoWorld, agent: String, action: DDLAction, nodes: [String], showsProgress: Bool) {
        self.agent = agent
        self.action = action
        self.nodes = nodes
        isSorted = world.invocation.isSorted
        meter = showsProgress ? ProgressMeter(world, of: nodes.count) : nil
        summaries = AggregateSummaries(action)
        statistics = McoStatistics(start: world.context.now())
        statistics.discovered = nodes.count
    }

    /// Shows the empty bar.
    func begin() throws { try meter?.begin() }

    /// Takes in the answers to one request.
    mutating func take(_ harvest: Collecting.Harvest, seconds: Double) {
        let replies = harvest.answers.map(\.reply)
        isCut = isCut || harvest.isCut
        for reply in replies {
            let answer: RPCReply
            do throws(RPCError) {
                answer = try RPCReply(body: reply.body)
            } catch {
                answer = RPCReply(.unknownError, message: "\(error)")
            }
            results.append(McoResult(agent: agent, action: action.name, sender: reply.senderID, reply: answer))
            summaries.add(answer)
            if answer.status == .ok { statistics.passed += 1 } else { statistics.failed += 1 }
        }
        statistics.responses += replies.count
        statistics.requestTime += seconds
    }

    /// Counts the time between batches, as the original counts it: the last one's too.
    mutating func wait(_ seconds: Double) { statistics.requestTime += seconds }

    /// What came of it.
    consuming func outcome(discoveryTime: Double) -> McoClient.Outcome {
        let expected = Set(nodes)
        let senders = Set(results.map(\.sender))
        statistics.discoveryTime = discoveryTime
        statistics.silent = nodes.filter { !senders.contains($0) }
        statistics.unexpected = results.map(\.sender).filter { !expected.contains($0) }
        statistics.summaries = summaries.summaries
        if isSorted { results.sort { $0.sender.utf8.lexicographicallyPrecedes($1.sender.utf8) } }
        return McoClient.Outcome(results: results, statistics: statistics, isCut: isCut)
    }
}

/// A progress bar on its stream.
final class ProgressMeter: Sendable {
    private struct State {
        var bar: ProgressBar
        var count = 0
    }

    private let total: Int
    private let console: any Console
    private let state: Mutex<State>

    init(_ world: McoWorld, of total: Int) {
        self.total = total
        console = world.console
        let columns = console.isTerminal(.output) ? console.columns : nil
        state = Mutex(State(bar: ProgressBar(columns: columns, colors: world.colors)))
    }

    /// Shows the empty bar in a line of its own.
    func begin() throws { try console.write("\n" + text(adding: 0), to: .output) }

    /// Counts one more.
    func advance() throws { try console.write(text(adding: 1), to: .output) }

    private func text(adding count: Int) -> String {
        state.withLock { state in
            state.count += count
            return state.bar.text(state.count, of: total)
        }
    }
}
