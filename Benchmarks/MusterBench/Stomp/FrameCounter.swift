import Glibc
import NIOCore

/// Counts the frames in what a broker sends, and reads nothing else: the load generator must cost less than the broker.
///
/// A frame ends with its NUL. That holds because no body here has one.
struct FrameCounter {
    /// Something else than a message or a receipt came.
    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    private var isInFrame = false

    /// - Returns: how many frames end here.
    mutating func count(_ bytes: ByteBuffer) throws(Unexpected) -> Int {
        let (frames, offender) = bytes.withUnsafeReadableBytes { count($0) }
        if let offender {
            throw Unexpected(description: "the broker says: \(String(buffer: bytes).dropFirst(offender).prefix(300))")
        }
        return frames
    }

    private mutating func count(_ bytes: UnsafeRawBufferPointer) -> (frames: Int, offender: Int?) {
        var (frames, place) = (0, 0)
        while place < bytes.count {
            if !isInFrame {
                switch bytes[place] {
                case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                    place += 1
                    continue
                case UInt8(ascii: "M"), UInt8(ascii: "R"): isInFrame = true
                default: return (frames, place)
                }
            }
            guard let rest = bytes.baseAddress, let end = memchr(rest + place, 0, bytes.count - place) else { break }
            place = UnsafeRawPointer(end) - rest + 1
            isInFrame = false
            frames += 1
        }
        return (frames, nil)
    }
}
