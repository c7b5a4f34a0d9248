public import NIOCore

/// One frame: a command, header lines, a body.
///
///     frame   = command EOL *( name ":" value EOL ) EOL body NUL
///     EOL     = [CR] LF
///
/// Headers are those that are written: nothing is added when a frame is encoded but what keeps its end where it is. Use
/// ``init(_:headers:body:)`` for a frame of ours, which says how long its body is.
public struct Frame: Sendable, Equatable {
    public var command: Command
    public var headers: Headers
    public var body: ByteBuffer

    /// A frame as read, or with headers that are complete.
    public init(asRead command: Command, headers: Headers, body: ByteBuffer = ByteBuffer()) {
        self.command = command
        self.headers = headers
        self.body = body
    }

    /// A frame of ours: with a body, `content-length` is added after the headers.
    public init(_ command: Command, headers: Headers = Headers(), body: ByteBuffer = ByteBuffer()) {
        self.init(asRead: command, headers: headers, body: body)
        if body.readableBytes > 0 {
            self.headers.remove("content-length")
            self.headers.append("content-length", String(body.readableBytes))
        }
    }

    /// The frame on the wire, its NUL included.
    ///
    /// - Parameter version: How names and values are escaped; CONNECT, STOMP and CONNECTED never are.
    public func encoded(for version: Version) -> ByteBuffer {
        var bytes = ByteBuffer()
        encode(for: version, into: &bytes)
        return bytes
    }

    /// Appends the frame, its NUL included.
    ///
    /// A `content-length` that is not the body's length is corrected, and one is added to a body that has a NUL in it: no
    /// body ever ends its frame and begins another one.
    public func encode(for version: Version, into bytes: inout ByteBuffer) {
        var headers = headers.written(as: command.isConnecting ? .none : version.escaping)
        let declared = headers["content-length"]
        let isMisleading =
            declared.map { Int($0) != body.readableBytes } ?? body.readableBytesView.contains(Frame.end)
        if isMisleading {
            headers.remove("content-length")
            headers.append("content-length", String(body.readableBytes))
        }
        bytes.reserveCapacity(
            minimumWritableBytes: command.rawValue.utf8.count + headers.lines.readableBytes + body.readableBytes + 3)
        bytes.writeString(command.rawValue)
        bytes.writeInteger(Escaping.lineFeed)
        bytes.writeImmutableBuffer(headers.lines)
        bytes.writeInteger(Escaping.lineFeed)
        bytes.writeImmutableBuffer(body)
        bytes.writeInteger(Frame.end)
    }

    /// What ends a frame.
    static let end: UInt8 = 0

    /// What is sent when there is nothing to say: one LF.
    public static let heartBeat = ByteBuffer(integer: Escaping.lineFeed)
}

extension Frame: CustomStringConvertible {
    /// Command and names of headers, without values and body.
    public var description: String { "\(command.rawValue) \(headers)" }
}
