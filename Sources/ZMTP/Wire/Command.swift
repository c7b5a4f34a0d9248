public import NIOCore

/// A command frame's content.
///
///     command   = name-size name data
///     ready     = "READY" metadata
///     error     = "ERROR" OCTET reason          ; tolerance: a reason without its size, as old libzmq sent
///     subscribe = "SUBSCRIBE" topic             ; and "CANCEL" topic, both ZMTP 3.1
///     ping      = "PING" 2OCTET context         ; time to live in tenths of a second; at most 16 bytes of context
///     pong      = "PONG" context
///
/// Spec: ZMTP 3.1 (RFC 37).
public enum Command: Sendable, Equatable {
    case ready(Metadata)
    case error(reason: String)
    case subscribe(topic: ByteBuffer)
    case cancel(topic: ByteBuffer)
    case ping(Ping)
    case pong(context: ByteBuffer)
    /// A command that we do not know; such are ignored after the handshake.
    case unknown(name: String)

    /// The content of PING.
    public struct Ping: Sendable, Equatable {
        /// How long the sender promises not to be silent; zero for no promise.
        public var timeToLive: TimeAmount
        /// What PONG must echo; at most 16 bytes.
        public var context: ByteBuffer

        public init(timeToLive: TimeAmount = .zero, context: ByteBuffer = ByteBuffer()) {
            self.timeToLive = timeToLive
            self.context = context
        }
    }

    static let maxContextBytes = 16

    /// Reads the body of a command frame.
    init(body: ByteBuffer) throws(ZMTPError) {
        var body = body
        guard let nameBytes = body.readInteger(as: UInt8.self), nameBytes > 0,
            let name = body.readBytes(length: Int(nameBytes))
        else { throw .malformedCommand(name: "nameless") }
        switch name {
        case Command.name("READY"): self = .ready(try Metadata(encoded: body))
        case Command.name("ERROR"): self = .error(reason: Command.errorReason(body))
        case Command.name("SUBSCRIBE"): self = .subscribe(topic: body)
        case Command.name("CANCEL"): self = .cancel(topic: body)
        case Command.name("PING"):
            guard let tenths = body.readInteger(as: UInt16.self) else { throw .malformedCommand(name: "PING") }
            self = .ping(Ping(timeToLive: .milliseconds(Int64(tenths) * 100), context: Command.context(body)))
        case Command.name("PONG"): self = .pong(context: Command.context(body))
        default: self = .unknown(name: ZMTPError.printable(name))
        }
    }

    /// The command as a frame.
    public var encoded: ByteBuffer {
        var body = ByteBuffer()
        switch self {
        case .ready(let metadata):
            body.writeCommandName("READY")
            metadata.encode(into: &body)
        case .error(let reason):
            body.writeCommandName("ERROR")
            let text = reason.utf8.prefix(255)
            body.writeInteger(UInt8(text.count))
            body.writeBytes(text)
        case .subscribe(let topic):
            body.writeCommandName("SUBSCRIBE")
            body.writeImmutableBuffer(topic)
        case .cancel(let topic):
            body.writeCommandName("CANCEL")
            body.writeImmutableBuffer(topic)
        case .ping(let ping):
            body.writeCommandName("PING")
            let tenths = ping.timeToLive.nanoseconds / 100_000_000
            body.writeInteger(UInt16(clamping: tenths))
            body.writeImmutableBuffer(Command.context(ping.context))
        case .pong(let context):
            body.writeCommandName("PONG")
            body.writeImmutableBuffer(Command.context(context))
        case .unknown(let name):
            body.writeCommandName(name)
        }
        var frame = ByteBuffer()
        frame.writeFrameHead(flags: FrameHead.command, bodyBytes: body.readableBytes)
        frame.writeImmutableBuffer(body)
        return frame
    }

    /// The name as the peer spells it.
    var name: String {
        switch self {
        case .ready: "READY"
        case .error: "ERROR"
        case .subscribe: "SUBSCRIBE"
        case .cancel: "CANCEL"
        case .ping: "PING"
        case .pong: "PONG"
        case .unknown(let name): name
        }
    }

    private static func name(_ text: StaticString) -> [UInt8] {
        text.withUTF8Buffer { Array($0) }
    }

    private static func errorReason(_ data: ByteBuffer) -> String {
        let bytes = data.readableBytesView
        guard let size = bytes.first, Int(size) == bytes.count - 1 else { return ZMTPError.printable(bytes) }
        return ZMTPError.printable(bytes.dropFirst())
    }

    private static func context(_ data: ByteBuffer) -> ByteBuffer {
        data.getSlice(at: data.readerIndex, length: min(data.readableBytes, maxContextBytes)) ?? ByteBuffer()
    }
}

extension ByteBuffer {
    fileprivate mutating func writeCommandName(_ name: String) {
        let text = name.utf8.prefix(255)
        writeInteger(UInt8(text.count))
        writeBytes(text)
    }
}
