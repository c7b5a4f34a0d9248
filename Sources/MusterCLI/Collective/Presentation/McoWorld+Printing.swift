import MCollectiveProtocol

/// Printing what came of calls.
///
/// Source: MCollective 2.12, `rpc.rb`, `printrpc`, `printrpcstats`.
extension McoWorld {
    /// The answers that the action or the operator wants to see.
    func printResults(_ results: [McoResult], of action: DDLAction) throws(OutputFailure) {
        let text = ResultsText(
            layout: layout, action: action, display: invocation.display, isVerbose: invocation.isVerbose)
        switch invocation.output {
        case .console: try puts("\n" + text.text(results) + "\n")
        case .json: try puts(text.json(results))
        }
    }

    /// The numbers below them; nothing with `--json`.
    func printStatistics(
        _ statistics: McoStatistics, caption: String = "rpc stats", summarizes: Bool = false
    ) throws(OutputFailure) {
        guard invocation.output == .console else { return }
        let text = StatisticsText(
            layout: layout, isVerbose: invocation.isVerbose, caption: caption, summarizes: summarizes)
        try puts(text.text(statistics))
    }
}
