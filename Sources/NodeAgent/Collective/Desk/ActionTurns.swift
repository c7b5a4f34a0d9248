/// Lets so many actions run at once; others wait for their turn, and those beyond are refused.
package actor ActionTurns {
    /// Why there is no turn. The text is what the caller reads.
    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }

    private let limit: Int
    private let waitingLimit: Int
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(running: Int = 32, waiting: Int = 256) {
        limit = running
        waitingLimit = waiting
    }

    /// Does something when it is its turn.
    package func take<Result: Sendable>(_ work: @Sendable () async -> Result) async throws(Refusal) -> Result {
        if running < limit {
            running += 1
        } else {
            guard waiting.count < waitingLimit else {
                throw Refusal(
                    description: "\(running) actions run and \(waiting.count) wait on this node: try again later")
            }
            // Who runs passes the turn on, also when the node ends: so waiting needs no cancellation of its own.
            await withCheckedContinuation { waiting.append($0) }
        }
        defer { if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() } }
        return await work()
    }
}
