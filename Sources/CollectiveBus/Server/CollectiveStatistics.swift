/// What became of the requests that a node got: counts since its start, never reset.
package struct CollectiveStatistics: Hashable, Sendable {
    /// Messages that came, whatever they are.
    package var total = 0
    /// Requests that were proved.
    package var validated = 0
    /// Messages that are no request, or prove nothing.
    package var unvalidated = 0
    /// Requests that the filter let through.
    package var passed = 0
    /// Requests that were meant for others.
    package var filtered = 0
    /// Requests whose ttl was over.
    package var expired = 0
    /// Requests of a clock that is ahead.
    package var fromTheFuture = 0
    /// Second copies, and what is too old for a memory that is full. Served by the reference.
    package var repeated = 0
    /// Requests that came in where they do not belong.
    package var misdirected = 0
    /// Replies that were sent.
    package var replies = 0

    package init() {}
}
