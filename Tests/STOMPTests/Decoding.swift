import NIOCore
import STOMP

/// What a decoder makes of some bytes that come in chunks.
struct Decoding: Equatable {
    var frames: [Frame] = []
    var error: STOMPError?

    /// - Parameter version: What the connection agrees upon: with its first frame when that is one that connects.
    init(_ bytes: [UInt8], chunk: Int, version: Version?, limits: Limits = Limits()) {
        let connects = [Command.connect, .stomp, .connected].contains { bytes.starts(with: $0.rawValue.utf8) }
        var decoder = FrameDecoder(limits: limits, version: connects ? nil : version)
        for start in stride(from: 0, to: bytes.count, by: max(1, chunk)) where error == nil {
            decoder.received(ByteBuffer(bytes: bytes[start..<min(start + max(1, chunk), bytes.count)]))
            do throws(STOMPError) {
                while let frame = try decoder.next() {
                    frames.append(frame)
                    decoder.version = version
                }
            } catch let thrown {
                error = thrown
            }
        }
    }
}
