/// Repeats a measurement.
enum Round {
    /// - Returns: one value for each round.
    static func values(_ count: Int, _ measure: () async throws -> Double) async throws -> Samples {
        var values: [Double] = []
        for _ in 0..<max(1, count) { values.append(try await measure()) }
        guard let samples = Samples(values) else { throw BenchFailure("nothing was measured") }
        return samples
    }
}
