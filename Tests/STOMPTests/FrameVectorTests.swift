import NIOCore
import STOMP
import Testing

/// What unchanged clients and brokers said to each other, read and written again.
struct FrameVectorTests {
    @Test(
        "a captured stream is read whole and drip-fed, and written again byte for byte",
        arguments: try Capture.sessions() + Capture.puppet())
    func readsAndWrites(_ capture: Capture) throws {
        let whole = Decoding(capture.bytes, chunk: capture.bytes.count, version: capture.version)
        #expect(whole.error == nil)
        #expect(whole.frames.count == capture.frames.count)
        for (frame, bytes) in zip(whole.frames, capture.frames) {
            #expect(Array(frame.encoded(for: capture.version ?? .v1_0).readableBytesView) == bytes)
        }
        #expect(Decoding(capture.bytes, chunk: 1, version: capture.version) == whole)
        #expect(Decoding(capture.bytes, chunk: 7, version: capture.version) == whole)
    }

    @Test("what brokers were asked and answered is read alike whole and drip-fed", arguments: try Capture.scenarios())
    func readsScenarios(_ capture: Capture) throws {
        let whole = Decoding(capture.bytes, chunk: capture.bytes.count, version: capture.version)
        #expect(Decoding(capture.bytes, chunk: 1, version: capture.version) == whole)
        if capture.name.hasPrefix("unknown command"), capture.name.hasSuffix("send") {
            #expect(whole.error == .unknownCommand("FOO"))
        } else if capture.name.hasPrefix("CRLF"), capture.version != .v1_2, capture.name.hasSuffix("send") {
            #expect(whole.error == .unknownCommand("SUBSCRIBE?"))
        } else {
            #expect(whole.error == nil)
            let hasCarriageReturns = capture.name.hasPrefix("CRLF")
            #expect(hasCarriageReturns || rewritten(whole, capture) == withoutLineEndsBetween(capture.bytes))
        }
    }

    private func rewritten(_ decoding: Decoding, _ capture: Capture) -> [UInt8] {
        decoding.frames.flatMap { Array($0.encoded(for: capture.version ?? .v1_0).readableBytesView) }
    }

    /// The bytes without LFs after a NUL; the scenario with a NUL in its body has none after it.
    private func withoutLineEndsBetween(_ bytes: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        for byte in bytes where !(byte == 0x0a && (kept.isEmpty || kept.last == 0)) { kept.append(byte) }
        return kept
    }

    @Test func headersAreThoseOfTheCapture() throws {
        let capture = try #require(
            try Capture.sessions().first { $0.name.contains("amqhb") && $0.name.contains("from") })
        let frames = Decoding(capture.bytes, chunk: 64, version: capture.version).frames
        let message = try #require(frames.first { $0.headers["message-id"]?.contains("ID:") == true })
        #expect(message.command == .message)
        #expect(message.headers["message-id"]?.hasPrefix("ID:vm-46033-1795242416170-3:") == true)
        #expect(String(buffer: message.headers.lines).contains("message-id:ID\\cvm-46033"))
        #expect(message.headers["content-length"] == String(message.body.readableBytes))
    }
}
