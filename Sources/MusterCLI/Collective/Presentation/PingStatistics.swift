import MCollectiveProtocol

/// The times of a ping in one line.
///
/// Source: MCollective 2.12, `application/ping.rb`.
struct PingStatistics: Sendable, Hashable {
    private let times: [Double]

    /// - Parameter times: Milliseconds, in the order of arrival.
    init(_ times: [Double]) { self.times = times }

    func text(isGraphed: Bool) -> String {
        guard let max = times.max(), let min = times.min() else { return "No responses received" }
        let average = times.reduce(0, +) / Double(times.count)
        return "\(times.count) replies max: \(RubyText.fixed(max)) min: \(RubyText.fixed(min)) "
            + "avg: \(RubyText.fixed(average)) \(isGraphed ? graph : "")"
    }

    /// How many answered in each twentieth of a second, from the first to the last that has any.
    var graph: String {
        var counts: [Int: Int] = [:]
        for time in times { counts[Int(time / 50), default: 0] += 1 }
        guard let first = counts.keys.min(), let last = counts.keys.max() else { return "" }
        return Sparkline.text((first...last).map { counts[$0] ?? 0 })
    }
}
