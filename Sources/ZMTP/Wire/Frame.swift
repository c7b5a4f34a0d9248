public import NIOCore

/// The head of one frame: a flags byte and a length of one or eight bytes.
///
///     frame  = flags size body
///     flags  = %x00-07          ; 1 MORE, 2 LONG, 4 COMMAND; the rest is reserved and zero
///     size   = OCTET / 8OCTET   ; big-endian, 8 bytes when LONG
///
/// Tolerance: a LONG frame may be short enough for the other form. Spec: ZMTP 3.1 (RFC 37), "Framing".
struct FrameHead: Equatable {
    static let more: UInt8 = 1
    static let long: UInt8 = 2
    static let command: UInt8 = 4

    let flags: UInt8
    let headBytes: Int
    let bodyBytes: Int

    var hasMore: Bool { flags & FrameHead.more != 0 }
    var isCommand: Bool { flags & FrameHead.command != 0 }
    var totalBytes: Int { headBytes + bodyBytes }

    /// Reads the head that begins `offset` bytes into the readable part of `buffer`; nil when it is not all there yet.
    ///
    /// The length is checked against the limits here, before anybody waits for the body.
    static func peek(_ buffer: ByteBuffer, at offset: Int, limits: Limits) throws(ZMTPError) -> FrameHead? {
        let start = buffer.readerIndex + offset
        guard let flags = buffer.getInteger(at: start, as: UInt8.self) else { return nil }
        guard flags & ~7 == 0 else { throw .reservedFlags(flags) }
        guard flags & (command | more) != (command | more) else { throw .commandWithMore }
        let declared: UInt64
        let headBytes: Int
        if flags & long == 0 {
            guard let size = buffer.getInteger(at: start + 1, as: UInt8.self) else { return nil }
            declared = UInt64(size)
            headBytes = 2
        } else {
            guard let size = buffer.getInteger(at: start + 1, as: UInt64.self) else { return nil }
            declared = size
            headBytes = 9
        }
        if flags & command != 0 {
            guard declared <= UInt64(limits.maxCommandBytes) else {
                throw .commandTooLarge(declaredBytes: declared, limitBytes: limits.maxCommandBytes)
            }
        } else {
            guard declared <= UInt64(limits.maxFrameBytes) else {
                throw .frameTooLarge(declaredBytes: declared, limitBytes: limits.maxFrameBytes)
            }
        }
        return FrameHead(flags: flags, headBytes: headBytes, bodyBytes: Int(declared))
    }
}

extension ByteBuffer {
    /// Writes the head of a frame, in the short form where it fits.
    mutating func writeFrameHead(flags: UInt8, bodyBytes: Int) {
        if bodyBytes <= 255 {
            writeMultipleIntegers(flags, UInt8(bodyBytes))
        } else {
            writeMultipleIntegers(flags | FrameHead.long, UInt64(bodyBytes))
        }
    }

    /// Writes what stands before the payload of a request or reply without identity: an empty delimiter frame and the
    /// head of the only payload frame.
    ///
    /// For those who write head and payload apart, to save a copy of a large payload.
    public mutating func writeRequestHead(payloadBytes: Int) {
        writeMultipleIntegers(FrameHead.more, UInt8(0))
        writeFrameHead(flags: 0, bodyBytes: payloadBytes)
    }
}
