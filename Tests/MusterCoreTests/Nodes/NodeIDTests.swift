import MusterCore
import Testing

@Suite struct IdentifierTests {
    @Test(
        "names that could leave a directory or a log line are no node ids",
        arguments: [
            "", ".", "..", "a/b", "../x", "a\\b", "a\0b", "a\nb", "a\u{7f}", String(repeating: "a", count: 256), "/",
            "\u{1b}[31m", "a,b", ",", ".hidden", "...", " a", "a ", " ",
        ])
    func refusesNodeIDs(_ text: String) {
        #expect(NodeID(text) == nil)
    }

    @Test(
        "ordinary names are node ids",
        arguments: ["a", "web1.example.com", "a b", "a.", "é", "*", String(repeating: "a", count: 255)])
    func acceptsNodeIDs(_ text: String) {
        #expect(NodeID(text)?.text == text)
    }

    @Test("ids that look alike are two nodes")
    func lookAlikes() throws {
        let one = try #require(NodeID("m\u{fc}nchen"))
        let two = try #require(NodeID("mu\u{308}nchen"))
        #expect(one.text == two.text)
        #expect(one != two && Set([one, two]).count == 2 && (one < two) != (two < one))
    }

    @Test("bytes that are no UTF-8 are no node id")
    func refusesBytes() {
        #expect(NodeID(utf8: [0x61, 0xff]) == nil)
    }

    @Test(
        "job ids are twenty digits, perhaps with a suffix",
        arguments: [
            ("20261121093000123456", true), ("20261121093000123456_4711", true), ("2026112109300012345", false),
            ("20261121093000123456_", false), ("20261121093000123456_../x", false), ("2026112109300012345x", false),
            ("", false),
            ("req", false), ("20261121093000123456\n", false), ("٢0261121093000123456", false),
        ])
    func jobIDs(_ text: String, _ isValid: Bool) {
        #expect((JobID(text) != nil) == isValid)
    }

    @Test("job ids increase when the clock stands still or steps back, and after a restart")
    func jobIDClock() throws {
        let start = try #require(JobID("20261121093000123456"))
        var clock = JobIDClock(after: start)
        let early = Timestamp(microseconds: start.time.microseconds - 5_000_000)
        var last = start
        for moment in [early, early, early + .seconds(1), start.time, start.time + .seconds(9), start.time] {
            let next = clock.next(at: moment)
            #expect(next > last)
            last = next
        }
        #expect(start.time.iso8601 == "2026-11-21T09:30:00.123456")
    }
}
