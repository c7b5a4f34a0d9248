import MCollectiveProtocol
import MusterCore

/// What stands below the answers: summaries, how many of how many answered, and who did not.
///
/// Source: MCollective 2.12, `rpc/stats.rb`, `report`.
struct StatisticsText: Sendable {
    var layout: McoLayout
    var isVerbose = false
    /// The title of the verbose form.
    var caption = "rpc stats"
    /// Whether the summaries are shown.
    var summarizes = false

    func text(_ statistics: McoStatistics) -> String {
        var parts = [summarizes ? summaries(statistics.summaries) : ""]
        parts += isVerbose ? verbose(statistics) : [finished(statistics)]
        parts.append("")
        if !statistics.silent.isEmpty { parts += ["", names("No response from:", statistics.silent)] }
        if !statistics.unexpected.isEmpty {
            parts += ["", names("Unexpected response from:", statistics.unexpected)]
        }
        parts.append("")
        return parts.joined(separator: "\n")
    }

    private func finished(_ statistics: McoStatistics) -> String {
        let color: McoColors.Color = statistics.responses < statistics.discovered ? .red : .green
        let responses = layout.colors.text(color, String(statistics.responses))
        let discovered = layout.colors.text(color, String(statistics.discovered))
        return "Finished processing \(responses) / \(discovered) hosts in \(milliseconds(statistics.requestTime)) ms"
    }

    private func verbose(_ statistics: McoStatistics) -> [String] {
        let color: McoColors.Color = statistics.responses < statistics.discovered ? .red : .reset
        func pair(_ left: Int, _ right: Int, _ color: McoColors.Color) -> String {
            "\(layout.colors.text(color, String(left))) / \(layout.colors.text(color, String(right)))"
        }
        let total = statistics.requestTime + statistics.discoveryTime
        return [
            layout.colors.text(.yellow, "---- \(caption) ----"),
            "           Nodes: \(pair(statistics.discovered, statistics.responses, color))",
            "     Pass / Fail: \(pair(statistics.passed, statistics.failed, .reset))",
            "      Start Time: \(LocalTime.text(statistics.start))",
            "  Discovery Time: \(milliseconds(statistics.discoveryTime))ms",
            "      Agent Time: \(milliseconds(statistics.requestTime))ms",
            "      Total Time: \(milliseconds(total))ms",
        ]
    }

    private func summaries(_ summaries: [AggregateSummary]) -> String {
        summaries.map { summary in
            let lines =
                switch summary.outcome {
                case .lines(let lines): lines.map { "   \(layout.shown($0))" }
                case .nothing: [layout.colors.text(.yellow, "     No aggregate summary could be computed")]
                case .failed(let reason):
                    [layout.colors.text(.yellow, "     Could not compute summary - \(reason)")]
                }
            return layout.colors.text(.bold, "Summary of \(summary.label):") + "\n\n"
                + lines.map { "\($0)\n" }.joined() + "\n"
        }.joined()
    }

    private func names(_ title: String, _ names: [String]) -> String {
        let lines = NameColumns.lines(names.map(layout.name).sortedByBytes())
        return layout.colors.text(.red, title) + "\n\n" + lines.map { "\($0)\n" }.joined()
    }

    private func milliseconds(_ seconds: Double) -> String { RubyText.fixed(seconds * 1000) }
}
