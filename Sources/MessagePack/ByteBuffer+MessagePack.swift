public import NIOCore

extension MessagePackValue {
    /// Decodes the readable bytes, which must hold one value and nothing behind it. The buffer is left as it was.
    public init(decoding buffer: ByteBuffer, limits: MessagePackLimits = .standard) throws(MessagePackError) {
        var reader = MessagePackReader(buffer.readableBytesSpan, limits: limits)
        self = try reader.readValue()
        try reader.finish()
    }
}

extension ByteBuffer {
    /// Appends what a writer has written so far.
    ///
    /// Writing into the writer's own buffer and copying once is twice as fast as writing every token here.
    @discardableResult
    public mutating func writeMessagePack(_ writer: borrowing MessagePackWriter) -> Int {
        writeBytes(writer.bytes)
    }
}
