import NIOCore
import STOMP

/// What a SEND says, read in one pass over its headers, which also makes the lines of the MESSAGE.
///
/// All headers are passed on as they are, in order, but those that only the broker may say (`message-id`, `subscription`,
/// `ack`, `redelivered`), those that were meant for it (`receipt`, `transaction`), and `content-length`, which is written
/// anew. Of the headers that decide something only the first counts and only the first is passed on, so that no reader
/// takes the second for the first.
struct SendReader {
    /// The value of `destination`; nil when there is none, or when it is the one that was expected.
    private(set) var destination: String?
    /// Whether `destination` is the one that was expected.
    private(set) var isExpected = false
    private(set) var receipt: String?
    private(set) var transaction: String?
    private(set) var replyTo: String?
    private(set) var isPersistent = false
    private(set) var priority = StoredMessage.defaultPriority
    /// Milliseconds from now, of RabbitMQ's `expiration`.
    private(set) var timeToLive: Int64?
    /// Milliseconds since 1970, of ActiveMQ's `expires`; zero there means never, which is nil here.
    private(set) var expires: Int64?
    /// The lines that are passed on, without `reply-to`.
    private(set) var lines: ByteBuffer
    private(set) var lineCount = 0
    private var hasDestination = false
    private var hasReplyTo = false
    private let escaping: Escaping

    /// - Parameter expected: The bytes of the destination that the last SEND of the connection had.
    init(_ frame: Frame, expected: [UInt8]) {
        escaping = frame.headers.escaping
        lines = ByteBuffer()
        // Room for the lines that are added, and for the body, so that the buffer does not grow.
        lines.reserveCapacity(frame.headers.lines.readableBytes + frame.body.readableBytes + 96)
        frame.headers.forEachField { read($0, expected) }
    }

    private mutating func read(_ field: HeaderField, _ expected: [UInt8]) {
        // By length first: most names are told apart by it alone.
        switch field.name.count {
        case 3 where field.isNamed("ack"): return
        case 7 where field.isNamed("receipt"):
            if receipt == nil { receipt = escaping.text(field.value) }
            return
        case 7 where field.isNamed("expires"):
            if expires == nil, let value = field.value.decimal, value > 0 { expires = Int64(value) }
        case 8 where field.isNamed("priority"): priority = min(9, field.value.decimal ?? priority)
        case 8 where field.isNamed("reply-to"):
            if !hasReplyTo { replyTo = escaping.text(field.value) }
            hasReplyTo = true
            return
        case 10 where field.isNamed("persistent"): isPersistent = field.value.elementsEqual("true".utf8)
        case 10 where field.isNamed("expiration"):
            if timeToLive == nil { timeToLive = field.value.decimal.map(Int64.init) }
        case 10 where field.isNamed("message-id"): return
        case 11 where field.isNamed("destination"):
            guard !hasDestination else { return }
            hasDestination = true
            isExpected = field.value.elementsEqual(expected)
            if !isExpected { destination = escaping.text(field.value) }
        case 11 where field.isNamed("transaction"):
            if transaction == nil { transaction = escaping.text(field.value) }
            return
        case 11 where field.isNamed("redelivered"): return
        case 12 where field.isNamed("subscription"): return
        case 14 where field.isNamed("content-length"): return
        default: break
        }
        lines.writeBytes(field.line)
        lineCount += 1
    }

    /// When the message is over.
    func deadline(now: Moment, limits: BrokerLimits) -> Moment {
        let relative = timeToLive.map { now.later(by: min($0, limits.maxTimeToLive)) } ?? .never
        let absolute = expires.map { Moment(milliseconds: $0) } ?? .never
        return min(relative, absolute)
    }

    /// The message, with its body; takes the lines away, so that they need not be copied.
    ///
    /// - Parameter replyTo: What the receiver is to see as `reply-to`; nil for nothing.
    mutating func takeMessage(
        id: UInt64, idPrefix: String, replyTo: String?, body: ByteBuffer, expires: Moment, isLogged: Bool
    ) -> StoredMessage {
        var tail = lines
        lines = ByteBuffer()
        var lineCount = lineCount + 2
        if let replyTo {
            var line = Headers(escaping: escaping)
            line.append("reply-to", replyTo)
            tail.writeImmutableBuffer(line.lines)
            lineCount += 1
        }
        tail.writeStaticString("message-id:")
        tail.writeString(idPrefix)
        tail.writeDecimal(id)
        tail.writeStaticString("\ncontent-length:")
        tail.writeDecimal(UInt64(body.readableBytes))
        tail.writeStaticString("\n")
        let lineBytes = tail.readableBytes
        tail.writeStaticString("\n")
        tail.writeImmutableBuffer(body)
        // NUL, and the one LF that is customary between frames.
        tail.writeInteger(UInt16(0x000a))
        return StoredMessage(
            id: id, tail: tail, lineBytes: lineBytes, lineCount: lineCount, escaping: escaping, expires: expires,
            priority: priority, isLogged: isLogged)
    }
}

extension ByteBuffer {
    /// Writes a number in decimal digits, without a String in between.
    mutating func writeDecimal(_ number: UInt64) {
        var divisor: UInt64 = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            writeInteger(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
