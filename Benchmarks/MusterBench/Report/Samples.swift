/// What several rounds of one measurement gave.
struct Samples: Sendable, Hashable {
    /// Sorted; never empty.
    private let sorted: [Double]

    /// - Returns: nil when there are none.
    init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        sorted = values.sorted()
    }

    /// One round.
    init(_ value: Double) {
        sorted = [value]
    }

    var values: [Double] { sorted }
    var lowest: Double { sorted[0] }
    var highest: Double { sorted[sorted.count - 1] }

    /// The middle one; of an even number the mean of the two in the middle.
    var median: Double {
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
