/// How long a discovery waits for answers: a fixed time, or less when all who answered the last time have answered again.
///
/// Nobody can say who will answer a broadcast. The reference waits its whole time; here the answers to the same question
/// a little earlier are the expectation, and when it is met, a short grace for newcomers ends the window. One of the known
/// that is silent costs the whole time once: it is not expected the next time.
package struct DiscoveryWindow: Hashable, Sendable {
    /// The longest time, from the request on.
    package let limit: Duration
    private let grace: Duration
    private var missing: Set<String>
    private let isAdaptive: Bool
    private var complete: Duration?

    /// - Parameters:
    ///   - known: Who answered the last time; nil when nobody was asked, and then the window is fixed.
    ///   - grace: How long newcomers are waited for once all known nodes have answered; four times as long when the last
    ///     answer was that there is nobody.
    package init(limit: Duration, known: Set<String>? = nil, grace: Duration = .milliseconds(50)) {
        self.limit = limit
        self.grace = grace
        missing = known ?? []
        isAdaptive = known != nil
        complete = known?.isEmpty == true ? grace * 3 : nil
    }

    /// An answer came.
    ///
    /// - Parameter time: Since the request.
    package mutating func received(from sender: String, at time: Duration) {
        guard isAdaptive, missing.remove(sender) != nil, missing.isEmpty else { return }
        complete = time
    }

    /// When the window closes, from the request on, as far as is known now.
    package var end: Duration { complete.map { min(limit, $0 + grace) } ?? limit }
}
