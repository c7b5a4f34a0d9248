import MessagePack
import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

struct ValueMessagePackTests {
    static let reading: [(hex: String, value: Value)] = [
        ("c0", .null), ("c3", true), ("05", 5), ("ff", -1), ("cfffffffffffffffff", .uint(.max)),
        ("ca3fc00000", 1.5), ("cb3ff8000000000000", 1.5),
        ("a2c3a9", "é"), ("a1ff", .bytes([0xff])), ("da000161", "a"), ("d90161", "a"),
        ("c40161", "a"), ("c401ff", .bytes([0xff])), ("a0", ""),
        ("8301020304c205", [1: 2, 3: 4, false: 5]),
        // Extensions: date-time, named constant, and what is neither.
        ("c7184e" + Array("20261121T06:57:00.240995".utf8).hex, "2026-11-21T06:57:00.240995"),
        ("c7034e" + Array("now".utf8).hex, "now"), ("c7024eff00", .bytes([0xff, 0])),
        ("c7044f92a16105", 5), ("c7034f91a161", .bytes([0x91, 0xa1, 0x61])), ("d44fc1", .bytes([0xc1])),
        ("d40561", .bytes([0x61])),
    ]

    @Test func readsAsSaltDoes() throws {
        for (hex, value) in Self.reading {
            #expect(try Value(messagePack: try #require([UInt8](hex: hex))) == value, "\(hex)")
        }
    }

    @Test func writesBothDialects() throws {
        let long = String(repeating: "x", count: 40)
        let value: Value = ["k": .string(long), 1: .bytes([0xff]), .null: [1.5, true, -70000, .uint(.max)]]
        let body = Array(long.utf8).hex
        let end = "c094cb3ff8000000000000c3d2fffeee90cfffffffffffffffff"
        #expect(value.messagePack().hex == "83a16bda0028\(body)01a1ff\(end)")
        #expect(value.messagePack(.modern).hex == "83a16bd928\(body)01c401ff\(end)")
        #expect(try Value(messagePack: value.messagePack()) == value)
        #expect(try Value(messagePack: value.messagePack(.modern)) == value)
    }

    @Test func readsTheWantedEntriesOnly() throws {
        let map: ValueMap = ["a": 1, "b": ["c": [1, 2, 3]], "d": "x"]
        let bytes = Value.map(map).messagePack()
        #expect(try ValueMap(messagePack: bytes) { $0 == "b" } == ["b": ["c": [1, 2, 3]]])
        #expect(try ValueMap(messagePack: bytes) { _ in true } == map)
        #expect(throws: MessagePackError.self) { try ValueMap(messagePack: Array(bytes.dropLast())) { _ in false } }
        #expect(throws: MessagePackError.self) { try ValueMap(messagePack: [0x01]) { _ in false } }
    }

    @Test func holdsTheLimits() {
        let deep = [UInt8](repeating: 0x91, count: 200) + [0xc0]
        #expect(throws: MessagePackError.tooDeep(offset: 128, limit: 128)) { try Value(messagePack: deep) }
        #expect(throws: MessagePackError.tooManyValues(offset: 0, limit: 3)) {
            try Value(messagePack: [0x94, 0, 0, 0, 0], limits: .init(maxValues: 3))
        }
        #expect(throws: MessagePackError.trailingBytes(offset: 1, count: 1)) { try Value(messagePack: [0, 0]) }
    }

    @Test func constantsInsideEachOtherEndAtTheDepthLimit() throws {
        var bytes: [UInt8] = [0x05]
        for _ in 0..<300 {
            let contents: [UInt8] = [0x92, 0xa0] + bytes
            var writer = MessagePackWriter(.raw)
            writer.writeExtension(type: 79, contents)
            bytes = writer.finish()
        }
        guard case .bytes = try Value(messagePack: bytes) else {
            Issue.record("nested constants were followed without end")
            return
        }
    }

    @Test func dateTimesRoundTrip() throws {
        let time = try #require(JobID("20261121065700240995")).time
        let contents = SaltExtension.dateTimeContents(time)
        #expect(String(decoding: contents, as: UTF8.self) == "20261121T06:57:00.240995")
        #expect(SaltExtension.isoText(String(decoding: contents, as: UTF8.self)) == time.iso8601)
        for text in [
            "", "20261121T06:57:00", "20261121X06:57:00.240995", "2026112xT06:57:00.240995", "20261121T06-57:00.240995",
        ] {
            #expect(SaltExtension.isoText(text) == nil)
        }
    }
}
