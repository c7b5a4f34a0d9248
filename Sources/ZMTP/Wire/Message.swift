public import NIOCore

/// One message: one or more frames, kept as they are on the wire.
///
/// Holding the encoded bytes makes both directions cheap: a received message is a slice of what was read, and a
/// message to many peers is encoded once and shared. Frames are found by walking the heads, which were checked when
/// the message was made.
public struct Message: Sendable {
    /// The message as sent: every frame with its head, the last one without MORE.
    public let wire: ByteBuffer
    /// How many frames there are; at least one.
    public let frameCount: Int
    /// The bodies of all frames together, in bytes.
    public let bodyBytes: Int

    /// Encodes a message.
    ///
    /// - Parameter frames: The bodies, first to last. None at all makes a message of one empty frame.
    public init(_ frames: [ByteBuffer]) {
        let bodyBytes = frames.reduce(0) { $0 + $1.readableBytes }
        var wire = ByteBuffer()
        wire.reserveCapacity(bodyBytes + 9 * max(1, frames.count))
        for (index, frame) in frames.enumerated() {
            let flags = index + 1 < frames.count ? FrameHead.more : 0
            wire.writeFrameHead(flags: flags, bodyBytes: frame.readableBytes)
            wire.writeImmutableBuffer(frame)
        }
        if frames.isEmpty { wire.writeFrameHead(flags: 0, bodyBytes: 0) }
        self.init(checkedWire: wire, frameCount: max(1, frames.count), bodyBytes: bodyBytes)
    }

    /// Encodes a message of one frame.
    public init(_ frame: ByteBuffer) {
        self.init([frame])
    }

    /// Encodes a request or reply as REQ and REP do: an empty delimiter, then the payload.
    public init(request payload: ByteBuffer) {
        var wire = ByteBuffer()
        wire.reserveCapacity(payload.readableBytes + 11)
        wire.writeRequestHead(payloadBytes: payload.readableBytes)
        wire.writeImmutableBuffer(payload)
        self.init(checkedWire: wire, frameCount: 2, bodyBytes: payload.readableBytes)
    }

    init(checkedWire wire: ByteBuffer, frameCount: Int, bodyBytes: Int) {
        self.wire = wire
        self.frameCount = frameCount
        self.bodyBytes = bodyBytes
    }

    /// The bodies of the frames, first to last, each a slice of `wire`.
    public var frames: Frames { Frames(wire: wire) }

    /// The body of the first frame.
    public var first: ByteBuffer {
        var iterator = frames.makeIterator()
        return iterator.next() ?? ByteBuffer()
    }

    /// The payload of a request or reply; nil unless the message is an empty delimiter and one more frame.
    public var requestPayload: ByteBuffer? {
        guard frameCount == 2 else { return nil }
        var iterator = frames.makeIterator()
        guard let delimiter = iterator.next(), delimiter.readableBytes == 0 else { return nil }
        return iterator.next()
    }

    /// The bodies of a message's frames.
    public struct Frames: Sequence, Sendable {
        let wire: ByteBuffer

        public func makeIterator() -> Iterator { Iterator(wire: wire) }

        public struct Iterator: IteratorProtocol {
            private static let unlimited = Limits(maxFrameBytes: .max, maxCommandBytes: .max)

            var wire: ByteBuffer

            public mutating func next() -> ByteBuffer? {
                // The heads were checked when the message was made, so neither can fail but at the end.
                guard let head = try? FrameHead.peek(wire, at: 0, limits: Iterator.unlimited) else { return nil }
                wire.moveReaderIndex(forwardBy: head.headBytes)
                return wire.readSlice(length: head.bodyBytes)
            }
        }
    }
}

extension Message: Equatable {
    /// Equal when the frames are, whichever form of length the peer used.
    public static func == (left: Message, right: Message) -> Bool {
        left.frameCount == right.frameCount && left.frames.elementsEqual(right.frames)
    }
}
