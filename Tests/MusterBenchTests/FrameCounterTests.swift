import NIOCore
import Testing

@testable import muster_bench

struct FrameCounterTests {
    private let stream = "MESSAGE\nsubscription:s\n\nbody\0\nRECEIPT\nreceipt-id:r\n\n\0\n\nMESSAGE\n\nx\0\n"

    @Test func countsFramesHoweverTheyAreCutUp() throws {
        for size in 1...stream.utf8.count {
            var (counter, rest, frames) = (FrameCounter(), ByteBuffer(string: stream), 0)
            while let part = rest.readSlice(length: min(size, max(1, rest.readableBytes))) {
                frames += try counter.count(part)
            }
            #expect(frames == 3, "cut into \(size)")
        }
    }

    @Test func whatIsNoMessageIsTold() {
        var counter = FrameCounter()
        #expect {
            try counter.count(ByteBuffer(string: "MESSAGE\n\nx\0\nERROR\nmessage:queue full\n\n\0"))
        } throws: {
            "\($0)".contains("ERROR\nmessage:queue full")
        }
    }
}
