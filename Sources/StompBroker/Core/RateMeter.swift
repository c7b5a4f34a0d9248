import MusterCore

/// Counts something, and knows how much of it there was each second, on average over the last four.
struct RateMeter: Sendable {
    private(set) var count: UInt64 = 0
    private var seen: UInt64 = 0
    /// What each of the last seconds had.
    private var seconds = SIMD4<Float>.zero

    mutating func add(_ number: UInt64 = 1) { count += number }

    /// A second is over.
    mutating func tick() { tick(at: count) }

    /// A second is over, and somebody else counts.
    mutating func tick(at total: UInt64) {
        count = total
        seconds = SIMD4(Float(total - seen), seconds[0], seconds[1], seconds[2])
        seen = total
    }

    var perSecond: Double { Double(seconds.sum() / 4) }
}

extension BrokerTraffic {
    init(published: RateMeter, delivered: RateMeter) {
        self.init(
            published: Int(published.count), delivered: Int(delivered.count),
            publishedPerSecond: published.perSecond, deliveredPerSecond: delivered.perSecond)
    }
}
