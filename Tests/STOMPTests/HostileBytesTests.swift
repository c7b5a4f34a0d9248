import MusterCore
import MusterTestSupport
import NIOCore
import STOMP
import Testing

/// What peers must not send, each with the error it gets.
struct HostileBytesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let error: STOMPError
        var version = Version.v1_2

        var testDescription: String { name }
    }

    static let limits = Limits(maxLineBytes: 60, maxHeaders: 4, maxHeadBytes: 150, maxBodyBytes: 20)

    static let cases: [Case] = [
        Case(name: "HTTP", text: "GET / HTTP/1.1\r\n", error: .unknownCommand("GET / HTTP/1.1")),
        Case(name: "TLS, with a line end", text: "\u{16}\u{03}\u{01}\n", error: .unknownCommand("???")),
        Case(name: "small letters", text: "send\n", error: .unknownCommand("send")),
        Case(name: "a blank before the command", text: " SEND\n", error: .unknownCommand(" SEND")),
        Case(name: "NUL for a frame", text: "\0", error: .malformedHead),
        Case(name: "NUL instead of the empty line", text: "DISCONNECT\n\0", error: .malformedHead),
        Case(name: "no colon", text: "SEND\ndestination\n", error: .malformedHead),
        Case(name: "no name", text: "SEND\n:x\n", error: .malformedHead),
        Case(name: "NUL in a value", text: "SEND\na:b\0c\n", error: .malformedHead),
        Case(name: "unknown escape", text: "SEND\na:\\t\n", error: .undefinedEscape),
        Case(name: "half an escape", text: "SEND\na:b\\\n", error: .undefinedEscape),
        Case(name: "escaped name that is none", text: "SEND\na\\x:b\n", error: .undefinedEscape),
        Case(name: "endless command", text: String(repeating: "S", count: 100), error: .lineTooLong(limitBytes: 60)),
        Case(
            name: "endless value", text: "SEND\na:" + String(repeating: "x", count: 100),
            error: .lineTooLong(limitBytes: 60)),
        Case(name: "five headers", text: "SEND\na:1\nb:2\nc:3\nd:4\ne:5\n", error: .tooManyHeaders(limit: 4)),
        Case(
            name: "large head",
            text: "SEND\n" + String(repeating: "a:" + String(repeating: "x", count: 50) + "\n", count: 3),
            error: .headTooLarge(limitBytes: 150)),
        Case(name: "length that is no number", text: "SEND\ncontent-length:1x\n", error: .malformedContentLength("1x")),
        Case(name: "negative length", text: "SEND\ncontent-length:-1\n", error: .malformedContentLength("-1")),
        Case(name: "no length", text: "SEND\ncontent-length:\n", error: .malformedContentLength("")),
        Case(
            name: "length beyond 64 bits", text: "SEND\ncontent-length:99999999999999999999\n",
            error: .malformedContentLength("99999999999999999999")),
        Case(
            name: "length over the limit", text: "SEND\ncontent-length:21\n",
            error: .bodyTooLarge(declaredBytes: 21, limitBytes: 20)),
        Case(
            name: "two lengths", text: "SEND\ncontent-length:1\ncontent-length:2\n", error: .contradictoryContentLength),
        Case(name: "length too short", text: "SEND\ncontent-length:1\n\nab\0", error: .bodyNotTerminated),
        Case(
            name: "body without an end", text: "SEND\n\n" + String(repeating: "x", count: 30),
            error: .bodyTooLarge(declaredBytes: nil, limitBytes: 20)),
        Case(
            name: "body with its end over the limit", text: "SEND\n\n" + String(repeating: "x", count: 21) + "\0",
            error: .bodyTooLarge(declaredBytes: nil, limitBytes: 20)),
        Case(name: "CR in 1.1", text: "SEND\r\n", error: .unknownCommand("SEND?"), version: .v1_1),
    ]

    @Test("is refused, whole and drip-fed, and nothing after it is looked at", arguments: cases)
    func refuses(_ hostile: Case) {
        let bytes = Array(hostile.text.utf8)
        for chunk in [bytes.count, 1, 7] {
            var decoder = FrameDecoder(limits: HostileBytesTests.limits, version: hostile.version)
            var error: STOMPError?
            for start in stride(from: 0, to: bytes.count, by: chunk) where error == nil {
                decoder.received(ByteBuffer(bytes: bytes[start..<min(start + chunk, bytes.count)]))
                do throws(STOMPError) { while try decoder.next() != nil {} } catch let thrown { error = thrown }
            }
            #expect(error == hostile.error)
            #expect(decoder.heldBytes == 0)
            decoder.received(ByteBuffer(string: "SEND\n\n\0"))
            #expect((try? decoder.next()) == .some(.none))
        }
        #expect(!hostile.error.description.isEmpty)
        #expect(!hostile.error.title.isEmpty)
    }

    @Test("is survived when mutated: no crash, and the same outcome whole and drip-fed")
    func survivesMutations() throws {
        var random = SeededRandom(seed: 61_613)
        for file in try Corpus.all() {
            for _ in 0..<200 {
                let bytes = random.mutate(file)
                for version in Version.allCases {
                    let whole = Decoding(bytes, chunk: bytes.count, version: version, limits: HostileBytesTests.roomy)
                    #expect(Decoding(bytes, chunk: 3, version: version, limits: HostileBytesTests.roomy) == whole)
                    rewrites(whole)
                }
            }
        }
    }

    static let roomy = Limits(maxLineBytes: 300, maxHeaders: 12, maxHeadBytes: 800, maxBodyBytes: 2000)

    /// Whatever was read can be written in every version, and is then one frame again.
    private func rewrites(_ decoding: Decoding) {
        for frame in decoding.frames {
            for version in Version.allCases {
                let bytes = Array(frame.encoded(for: version).readableBytesView)
                var decoder = FrameDecoder(version: version)
                decoder.received(ByteBuffer(bytes: bytes + Array("\nRECEIPT\n\n\0".utf8)))
                let again = try? decoder.next()
                #expect(again?.command == frame.command)
                #expect(again?.body == frame.body)
                #expect((try? decoder.next())?.command == .receipt)
            }
        }
    }

    @Test func memoryGrowsWithWhatArrivesAndNotWithWhatIsAnnounced() throws {
        var decoder = FrameDecoder(version: .v1_2)
        decoder.received(ByteBuffer(string: "SEND\ncontent-length:60000000\n\nx"))
        #expect(try decoder.next() == nil)
        #expect(decoder.heldBytes < 1024)
    }
}
