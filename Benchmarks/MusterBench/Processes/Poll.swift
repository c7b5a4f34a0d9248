/// Asks until there is an answer.
///
/// - Throws: what `ask` throws, or that the time is over.
@discardableResult
func poll<Answer>(
    _ what: String, within limit: Duration, every interval: Duration = .milliseconds(20),
    _ ask: () async throws -> Answer?
) async throws -> Answer {
    let end = ContinuousClock.now + limit
    while true {
        if let answer = try await ask() { return answer }
        guard ContinuousClock.now < end else {
            throw BenchFailure("after \(limit.components.seconds) s it is still not true that \(what)")
        }
        try await Task.sleep(for: interval)
    }
}
