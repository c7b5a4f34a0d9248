import MusterCore

extension Duration {
    /// A random duration between two.
    static func random(in range: ClosedRange<Duration>) -> Duration {
        .microseconds(Int64.random(in: range.lowerBound.microseconds...range.upperBound.microseconds))
    }
}
