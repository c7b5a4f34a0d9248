import NIOCore

/// What all load connections of a loop have seen. Owner: the loop.
struct PeerCounter {
    private(set) var connected = 0
    private(set) var messages = 0
    private(set) var failure: String?
    /// No further requests, and what ends from now on has not failed.
    var isStopped = false
    private var waiting: (messages: Int, promise: EventLoopPromise<Void>)?

    mutating func established() { connected += 1 }

    mutating func received() {
        messages += 1
        if let waiting, messages >= waiting.messages {
            self.waiting = nil
            waiting.promise.succeed()
        }
    }

    mutating func failed(_ reason: String) {
        guard !isStopped, failure == nil else { return }
        failure = reason
        waiting?.promise.fail(BenchFailure(reason))
        waiting = nil
    }

    /// - Parameter promise: succeeds with the message that makes this many, counted from the beginning.
    mutating func notify(at messages: Int, _ promise: EventLoopPromise<Void>) {
        if let failure { return promise.fail(BenchFailure(failure)) }
        if self.messages >= messages { return promise.succeed() }
        waiting = (messages, promise)
    }
}
