package import NIOCore

/// How long nodes wait: for replies, and before they try again. Random, so that they do not come in step.
package struct Pace: Sendable {
    package typealias Span = ClosedRange<TimeAmount>

    /// Before asking again while the key waits to be accepted; Salt's `acceptance_wait_time` is 10 s.
    package var pending: Span = .seconds(8)...(.seconds(12))
    /// Before signing in again after it came to nothing.
    package var signIn: Span = .seconds(1)...(.seconds(3))
    /// Before sending a request again.
    package var request: Span = .milliseconds(200)...(.milliseconds(1000))

    /// For the reply to a sign-in: Salt's `auth_timeout`.
    package var signInReply: Span = .seconds(5)...(.seconds(5))
    /// For the acknowledgement of a return: Salt's `return_retry_timer` and `return_retry_timer_max`.
    package var acknowledgement: Span = .seconds(5)...(.seconds(10))
    /// For any other reply: Salt's `request_channel_timeout`.
    package var otherReply: Span = .seconds(60)...(.seconds(60))

    package init() {}
}
