/// Counts as a line of small bars.
enum Sparkline {
    private static let ticks = Array("▁▂▃▄▅▆▇")

    /// A bar for each count, the highest for the largest.
    static func text(_ counts: [Int]) -> String {
        let distance = Double(counts.max() ?? 0) / Double(ticks.count - 1)
        return String(counts.map { ticks[distance > 0 ? Int((Double($0) / distance).rounded()) : 0] })
    }

    /// How values are distributed between the smallest and the largest: twenty bars, flat when all are the same. What is
    /// there is seen, however little.
    ///
    /// Source: `application/puppet.rb` of the puppet plugin, `sparkline_for_field`.
    static func distribution(_ values: [Double], bars: Int = 20) -> String {
        // Nodes may say anything: what cannot be computed with is not shown.
        let values = values.filter { $0.magnitude < 1e300 }
        guard let min = values.min(), let max = values.max(), min < max else {
            return String(repeating: ticks[0], count: bars)
        }
        var counts = Array(repeating: 0, count: bars)
        let size = (max - min) / Double(bars) + 1
        for value in values { counts[Swift.min(bars - 1, Int((value - min) / size))] += 1 }
        let most = counts.max() ?? 0
        if counts.allSatisfy({ $0 == most }) { return String(repeating: ticks[0], count: bars) }
        let distance = Double(most) / Double(ticks.count - 1)
        return String(
            counts.map { count in
                let tick = Int((Double(count) / distance).rounded())
                return ticks[count > 0 ? Swift.max(1, tick) : 0]
            })
    }
}
