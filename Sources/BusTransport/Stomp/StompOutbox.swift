import DequeModule
import NIOCore

/// What waits for a broker: bounded, first in, first out; when it is full the oldest go and are counted.
struct StompOutbox {
    private let limits: SendQueueLimits
    private var messages = Deque<StompMessage>()
    private var bytes = 0
    /// Dropped for want of room, or because their time was over.
    private(set) var dropped = 0

    init(_ limits: SendQueueLimits) { self.limits = limits }

    mutating func append(_ message: StompMessage) {
        // One that never fits is no reason to lose all others.
        guard message.bytes <= limits.bytes else {
            dropped += 1
            return
        }
        messages.append(message)
        bytes += message.bytes
        while messages.count > limits.messages || bytes > limits.bytes { drop() }
    }

    /// The next message whose time is not over; nil when there is none.
    mutating func next(at now: NIODeadline) -> StompMessage? {
        while let first = messages.first, let deadline = first.deadline, deadline <= now { drop() }
        guard let message = messages.popFirst() else { return nil }
        bytes -= message.bytes
        return message
    }

    private mutating func drop() {
        guard let message = messages.popFirst() else { return }
        bytes -= message.bytes
        dropped += 1
    }
}
