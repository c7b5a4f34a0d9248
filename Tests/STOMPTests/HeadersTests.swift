import NIOCore
import STOMP
import Testing

struct HeadersTests {
    @Test func theFirstOfRepeatedHeadersCountsAndAllAreKept() {
        let headers = Headers(["h": "first", "x": "1", "h": "second"])
        #expect(headers["h"] == "first")
        #expect(headers.last("h") == "second")
        #expect(headers["none"] == nil)
        #expect(headers["H"] == nil)
        #expect(headers.pairs.map(\.name) == ["h", "x", "h"])
    }

    @Test func removingTakesAllOfAName() {
        var headers = Headers(["h": "first", "hh": "1", "h": "second"])
        headers.remove("h")
        #expect(headers == Headers(["hh": "1"]))
        headers.remove("h")
        #expect(headers.count == 1)
    }

    @Test(
        "are written as the version has it",
        arguments: [
            (Version.v1_0, "a b:x:y\\ n r \n"), (.v1_1, "a\\cb:x\\cy\\\\\\nn r\\c \n"),
            (.v1_2, "a\\cb:x\\cy\\\\\\nn\\rr\\c \n"),
        ])
    func escapes(version: Version, line: String) {
        let headers = Headers(["a:b": "x:y\\\nn\rr: "]).written(as: version.escaping)
        let expected = version == .v1_0 ? "a b:x:y\\ n r: \n" : line
        #expect(String(buffer: headers.lines) == expected)
        if version == .v1_2 { #expect(headers.pairs.map(\.value) == ["x:y\\\nn\rr: "]) }
    }

    @Test func aHeaderNeverEndsItsLineOrItsFrame() {
        var headers = Headers(escaping: .none)
        headers.append("a\n\nb", "x\nevil:yes\n\n\0SEND")
        #expect(headers.pairs.count == 1)
        #expect(headers["evil"] == nil)
        for version in Version.allCases {
            let hostile = Headers(["a": "x\nreply-to:/queue/mine\0\r\n"]).written(as: version.escaping)
            #expect(hostile.lines.readableBytesView.count { $0 == 0x0a } == 1)
            #expect(!hostile.lines.readableBytesView.contains(0))
        }
    }

    @Test func whatIsReadAsOneVersionIsWrittenAsAnother() throws {
        var decoder = FrameDecoder(version: .v1_2)
        decoder.received(ByteBuffer(string: "SEND\r\na\\cb:1\\n2\r\nplain:x:y\r\n\r\n\0"))
        let frame = try #require(try decoder.next())
        #expect(frame.headers.pairs.map(\.value) == ["1\n2", "x:y"])
        #expect(String(buffer: frame.encoded(for: .v1_1)) == "SEND\na\\cb:1\\n2\nplain:x\\cy\n\n\0")
        #expect(String(buffer: frame.encoded(for: .v1_0)) == "SEND\na b:1 2\nplain:x:y\n\n\0")
        #expect(String(buffer: frame.encoded(for: .v1_2)) == "SEND\na\\cb:1\\n2\r\nplain:x:y\r\n\n\0")
    }

    @Test func anEscapeThatVersion11DoesNotKnowStays() throws {
        var decoder = FrameDecoder(version: .v1_1)
        decoder.received(ByteBuffer(string: "SEND\npath:C:\\temp\\r\\c\n\n\0"))
        #expect(try decoder.next()?.headers["path"] == "C:\\temp\\r:")
    }

    @Test func bytesThatAreNoTextAreKeptAsTheyAre() throws {
        var decoder = FrameDecoder(version: .v1_2)
        let bytes = Array("SEND\na:".utf8) + [0xff, 0xfe] + Array("\n\n\0".utf8)
        decoder.received(ByteBuffer(bytes: bytes))
        let frame = try #require(try decoder.next())
        #expect(frame.headers["a"] == "\u{fffd}\u{fffd}")
        #expect(Array(frame.encoded(for: .v1_2).readableBytesView) == bytes)
    }

    @Test func aDescriptionHasNoValues() {
        #expect("\(Frame(.connect, headers: Headers(["passcode": "secret"])))" == "CONNECT [passcode]")
    }
}
