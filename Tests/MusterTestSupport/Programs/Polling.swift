import Foundation

/// What did not go as it should around a test, with the last words of everybody involved.
package struct SiteError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Waits until a condition of the real world holds.
///
/// The only place where tests of whole programs wait: programs beside us have no clock we could set.
package func poll(
    _ what: String, within limit: Duration, every interval: Duration = .milliseconds(100),
    until isTrue: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !isTrue() {
        guard ContinuousClock.now < end else {
            throw SiteError("after \(limit.components.seconds) s still not true: \(what)")
        }
        try await Task.sleep(for: interval)
    }
}
