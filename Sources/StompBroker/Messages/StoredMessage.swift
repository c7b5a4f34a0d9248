package import NIOCore
package import STOMP

/// A message as the broker keeps it: encoded once, shared by all who get it.
///
/// `tail` is everything of the MESSAGE frame but its first line and what belongs to one subscriber; the sender's headers
/// are in it as they were written, and the body. It is the only copy that is made of a message, so that nothing holds on
/// to the memory it was read into. For subscribers of other versions it is written once more, on demand.
///
/// Owned, like everything of a virtual host, by one event loop.
package final class StoredMessage {
    /// Unique within the broker, also across restarts if there is a log.
    package let id: UInt64
    package let expires: Moment
    /// 0 to 9.
    package let priority: Int
    /// Whether the log has it.
    let isLogged: Bool
    /// In the sender's escaping.
    package let tail: ByteBuffer
    /// How the lines of `tail` are written.
    package let escaping: Escaping
    /// How much of `tail` are header lines.
    package let lineBytes: Int
    package let lineCount: Int
    private var rewritten: [Escaping: ByteBuffer] = [:]

    package init(
        id: UInt64, tail: ByteBuffer, lineBytes: Int, lineCount: Int, escaping: Escaping, expires: Moment = .never,
        priority: Int = StoredMessage.defaultPriority, isLogged: Bool = false
    ) {
        self.id = id
        self.tail = tail
        self.lineBytes = lineBytes
        self.lineCount = lineCount
        self.escaping = escaping
        self.expires = expires
        self.priority = priority
        self.isLogged = isLogged
    }

    package static let defaultPriority = 4

    /// What it counts for in bounds.
    var bytes: Int { tail.readableBytes + StoredMessage.overhead }

    /// What a message costs beside its bytes; so that empty messages are bounded, too.
    static let overhead = 128

    /// The headers, for selectors.
    var headers: Headers {
        let lines = tail.getSlice(at: tail.readerIndex, length: lineBytes) ?? ByteBuffer()
        return Headers(asRead: lines, count: lineCount, escaping: escaping)
    }

    /// The tail for a subscriber whose version escapes so.
    func tail(for other: Escaping) -> ByteBuffer {
        if other == escaping { return tail }
        if let ready = rewritten[other] { return ready }
        var written = headers.written(as: other).lines
        let rest = tail.readableBytes - lineBytes
        written.writeImmutableBuffer(tail.getSlice(at: tail.readerIndex + lineBytes, length: rest) ?? ByteBuffer())
        rewritten[other] = written
        return written
    }
}
