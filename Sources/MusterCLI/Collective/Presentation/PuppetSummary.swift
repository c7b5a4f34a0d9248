import MCollectiveProtocol
import MusterCore

/// How the numbers of the last Puppet runs are distributed.
///
/// Source: `application/puppet.rb` of the puppet plugin, `summary_command`.
enum PuppetSummary {
    private static let fields = [
        ("Total resources", "total_resources"), ("Out Of Sync resources", "out_of_sync_resources"),
        ("Failed resources", "failed_resources"), ("Changed resources", "changed_resources"),
        ("Corrected resources", "corrected_resources"), ("Config Retrieval time (seconds)", "config_retrieval_time"),
        ("Total run-time (seconds)", "total_time"), ("Time since last run (seconds)", "since_lastrun"),
    ]

    static func text(_ results: [McoResult]) -> String {
        let good = results.filter { $0.reply.status == .ok }
        let lines = fields.map { label, output in
            let values = good.compactMap { $0.reply.data[named: output]?.value.double }.filter(\.isFinite)
            return "\(RubyText.aligned(label, 33)): \(line(values))\n"
        }
        return "Summary statistics for \(results.count) nodes:\n\n\(lines.joined())\n"
    }

    private static func line(_ values: [Double]) -> String {
        guard let min = values.min(), let max = values.max() else { return "" }
        let average = values.reduce(0, +) / Double(values.count)
        return "\(Sparkline.distribution(values))  min: \(padded(min)) avg: \(padded(average)) max: \(padded(max))"
    }

    private static func padded(_ number: Double) -> String { RubyText.padded(short(number), 6) }

    /// The number with one place, in thousands or millions when it is large.
    static func short(_ number: Double) -> String {
        if number >= 1_000_000 { return RubyText.fixed(number / 1_000_000, places: 1) + "m" }
        if number >= 1000 { return RubyText.fixed(number / 1000, places: 1) + "k" }
        return RubyText.fixed(number, places: 1)
    }
}
