import NIOCore

/// Messages that wait for a peer that does not read, bounded by their number and bytes.
struct SendQueue {
    private let limits: SendQueueLimits
    private var messages = CircularBuffer<ByteBuffer>()
    /// The bytes of all of them.
    private(set) var bytes = 0
    /// Whether messages were refused since it was last empty.
    private(set) var isBehind = false

    init(_ limits: SendQueueLimits) {
        self.limits = limits
    }

    var isEmpty: Bool { messages.isEmpty }
    var count: Int { messages.count }

    /// Whether there may be room; a message can still be too large.
    var hasRoom: Bool { messages.count < limits.messages }

    /// - Returns: False when there is no room. One message always fits, or a limit below its size would block it for ever.
    mutating func append(_ message: ByteBuffer) -> Bool {
        guard isEmpty || (hasRoom && bytes + message.readableBytes <= limits.bytes) else {
            isBehind = true
            return false
        }
        messages.append(message)
        bytes += message.readableBytes
        return true
    }

    /// Takes out what goes to the socket next: one message, or several that are no more bytes than this together.
    mutating func popChunk(upTo most: Int) -> ByteBuffer? {
        guard var chunk = messages.popFirst() else { return nil }
        while let next = messages.first, chunk.readableBytes + next.readableBytes <= most {
            chunk.writeImmutableBuffer(next)
            messages.removeFirst()
        }
        bytes -= chunk.readableBytes
        if isEmpty { isBehind = false }
        return chunk
    }

    /// Gives everything up.
    mutating func removeAll() {
        messages.removeAll()
        (bytes, isBehind) = (0, false)
    }
}
