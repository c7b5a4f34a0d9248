import NIOCore
import STOMP
import Testing

struct FrameTests {
    @Test func aFrameOfOursSaysHowLongItsBodyIs() {
        let frame = Frame(.send, headers: Headers(["destination": "/queue/a"]), body: ByteBuffer(string: "hi"))
        #expect(String(buffer: frame.encoded(for: .v1_2)) == "SEND\ndestination:/queue/a\ncontent-length:2\n\nhi\0")
        #expect(String(buffer: Frame(.begin).encoded(for: .v1_2)) == "BEGIN\n\n\0")
    }

    @Test func noBodyEndsItsFrameEarly() throws {
        let body = ByteBuffer(string: "x\0SEND\ndestination:/queue/admin\n\n\0")
        for headers in [Headers(), Headers(["content-length": "1"]), Headers(["content-length": "many"])] {
            let frame = Frame(asRead: .send, headers: headers, body: body)
            var decoder = FrameDecoder(version: .v1_2)
            decoder.received(frame.encoded(for: .v1_2))
            #expect(try decoder.next()?.body == body)
            #expect(try decoder.next() == nil)
        }
    }

    @Test func framesThatConnectAreNeverEscaped() throws {
        let connected = Frame(.connected, headers: Headers(["session": "ID:a\\b"], escaping: .none))
        let bytes = connected.encoded(for: .v1_2)
        #expect(String(buffer: bytes) == "CONNECTED\nsession:ID:a\\b\n\n\0")
        var decoder = FrameDecoder(version: .v1_2)
        decoder.received(bytes)
        #expect(try decoder.next()?.headers["session"] == "ID:a\\b")
    }

    @Test func bodiesAreNotCopied() throws {
        var decoder = FrameDecoder(version: .v1_2)
        let read = ByteBuffer(string: "SEND\ncontent-length:4\n\nbody\0SEND\n\nmore\0")
        decoder.received(read)
        let first = try #require(try decoder.next())
        let second = try #require(try decoder.next())
        let address = { (buffer: ByteBuffer) in buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } }
        #expect(address(first.body) == address(read) + 23)
        #expect(address(second.body) == address(read) + 34)
    }

    @Test(
        "the best common version is chosen",
        arguments: [
            (nil, .v1_0), ("1.0", .v1_0), ("1.1,1.0", .v1_1), ("1.0, 1.1 ,1.2", .v1_2), ("1.2,9.9", .v1_2),
            ("9.9", nil), ("", nil), ("1.20", nil),
        ] as [(String?, Version?)])
    func negotiates(accepted: String?, version: Version?) {
        #expect(Version.highest(accepted: accepted) == version)
    }
}
