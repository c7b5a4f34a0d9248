@testable import HTTPAPI
import MusterCore
import NIOCore
import Testing

@Suite("the wire's small parts")
struct WireTests {
    struct StreamVector: Sendable {
        var text: String
        var events: [ServerSentEvent]
    }

    static let vectors = [
        StreamVector(text: ":\n\n", events: []),
        StreamVector(text: "data: a\n\n", events: [.init(name: "message", data: "a")]),
        StreamVector(text: "event:x\r\nid: 5\r\ndata:  b \r\n\r\n", events: [.init(name: "x", id: "5", data: " b ")]),
        StreamVector(
            text: "data: a\ndata: b\nretry: 5\nnonsense\n\nevent: lost\n\ndata: {\"c\": \"ü:\"}\n\n",
            events: [.init(name: "message", data: "a\nb"), .init(name: "message", data: "{\"c\": \"ü:\"}")]),
        StreamVector(
            text: "id: 7\ndata: a\n\n:\n\ndata: b\n\ndata: unfinished\n",
            events: [.init(name: "message", id: "7", data: "a"), .init(name: "message", id: "7", data: "b")]),
    ]

    @Test("reads an event stream, whole and drip-fed", arguments: vectors)
    func parses(vector: StreamVector) throws {
        for size in [1, 2, 3, 1000] {
            var parser = ServerSentEventParser(maxEventBytes: 100)
            var events: [ServerSentEvent] = []
            var rest = ByteBuffer(string: vector.text)
            while let chunk = rest.readSlice(length: min(size, rest.readableBytes)), chunk.readableBytes > 0 {
                parser.feed(chunk)
                while let event = try parser.next() { events.append(event) }
            }
            #expect(events == vector.events)
        }
    }

    @Test("an event over the limit is refused, ended or not", arguments: ["", "\n\n"])
    func eventTooLarge(end: String) {
        var parser = ServerSentEventParser(maxEventBytes: 20)
        parser.feed(ByteBuffer(string: "data: " + String(repeating: "x", count: 20) + end))
        #expect(throws: ServerSentEventError.eventTooLarge(limitBytes: 20)) { try parser.next() }
    }

    @Test("many small events are not one large one")
    func manyEvents() throws {
        var parser = ServerSentEventParser(maxEventBytes: 20)
        parser.feed(ByteBuffer(string: String(repeating: "data: x\n\n:\n\n", count: 100)))
        var count = 0
        while try parser.next() != nil { count += 1 }
        #expect(count == 100)
    }

    @Test("what is written reads back", arguments: ["", "a", "two\nlines", "ü"])
    func writes(data: String) throws {
        let event = ServerSentEvent(name: "x", id: "9", data: data)
        var parser = ServerSentEventParser(maxEventBytes: 100)
        parser.feed(ByteBuffer(string: event.text))
        #expect(try parser.next() == event)
    }

    @Test("percent-encoding", arguments: ["", "web1", "a b", "ü/%?#&=+", "\u{1F600}"])
    func percent(text: String) {
        let encoded = PercentEncoding.encode(text)
        #expect(encoded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test(arguments: ["%", "%a", "%zz", "%ff", "a%C3"])
    func brokenPercent(text: String) { #expect(PercentEncoding.decode(text) == nil) }

    @Test("a job update is one map with its kind first", arguments: Sample.updates)
    func updates(update: JobUpdate) throws {
        let value = try ValueEncoder().encode(update)
        #expect(value.map?.keys.first == "update")
        #expect(try ValueDecoder().decode(JobUpdate.self, from: JSON.value(JSON.text(value))) == update)
    }

    @Test("counts by outcome are a map")
    func counts() throws {
        let value = try ValueEncoder().encode(Sample.storedJob)
        #expect(value["counts"]?["ok"] == 10)
        #expect(value["counts"]?["timed-out"] == 2)
        #expect(value["job"]?["batch"] == "25%")
    }
}
