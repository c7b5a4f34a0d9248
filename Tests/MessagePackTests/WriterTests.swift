import MessagePack
import MusterTestSupport
import NIOCore
import Testing

struct EncodingCase: Sendable, CustomTestStringConvertible {
    var value: MessagePackValue
    var raw: String
    var modern: String
    var testDescription: String { raw.count > 40 ? "\(raw.prefix(40))…" : raw }

    /// Both dialects write the same when `modern` is left out.
    init(_ value: MessagePackValue, _ raw: String, modern: String? = nil) {
        self.value = value
        self.raw = raw
        self.modern = modern ?? raw
    }

    static func hex(_ byte: String, _ count: Int) -> String { String(repeating: byte, count: count) }

    static let all: [EncodingCase] = [
        .init(.null, "c0"), .init(.bool(false), "c2"), .init(.bool(true), "c3"),
        .init(.int(0), "00"), .init(.int(127), "7f"), .init(.int(128), "cc80"), .init(.int(255), "ccff"),
        .init(.int(256), "cd0100"), .init(.int(65535), "cdffff"), .init(.int(65536), "ce00010000"),
        .init(.int(4_294_967_295), "ceffffffff"), .init(.int(4_294_967_296), "cf0000000100000000"),
        .init(.int(.max), "cf7fffffffffffffff"), .init(.uint(.max), "cfffffffffffffffff"),
        .init(.int(-1), "ff"), .init(.int(-32), "e0"), .init(.int(-33), "d0df"), .init(.int(-128), "d080"),
        .init(.int(-129), "d1ff7f"), .init(.int(-32768), "d18000"), .init(.int(-32769), "d2ffff7fff"),
        .init(.int(-2_147_483_648), "d280000000"), .init(.int(-2_147_483_649), "d3ffffffff7fffffff"),
        .init(.int(.min), "d38000000000000000"),
        .init(.float(1.5), "ca3fc00000"), .init(.double(-0.0), "cb8000000000000000"),
        .init(.string(""), "a0"), .init(.string("é"), "a2c3a9"),
        .init(.string(hex("a", 31)), "bf" + hex("61", 31)),
        .init(.string(hex("a", 32)), "da0020" + hex("61", 32), modern: "d920" + hex("61", 32)),
        .init(.string(hex("a", 255)), "da00ff" + hex("61", 255), modern: "d9ff" + hex("61", 255)),
        .init(.string(hex("a", 256)), "da0100" + hex("61", 256)),
        .init(.string(hex("a", 65535)), "daffff" + hex("61", 65535)),
        .init(.string(hex("a", 65536)), "db00010000" + hex("61", 65536)),
        .init(.raw([0xff]), "a1ff"),
        .init(.raw([UInt8](repeating: 0xff, count: 256)), "da0100" + hex("ff", 256)),
        .init(.ext(type: 78, []), "c7004e"), .init(.ext(type: -1, [1]), "d4ff01"),
        .init(.ext(type: 1, [1, 2]), "d5010102"),
        .init(.ext(type: 1, [1, 2, 3]), "c70301010203"), .init(.ext(type: 1, [1, 2, 3, 4]), "d60101020304"),
        .init(.ext(type: 1, .init(repeating: 0, count: 8)), "d701" + hex("00", 8)),
        .init(.ext(type: 1, .init(repeating: 0, count: 16)), "d801" + hex("00", 16)),
        .init(.ext(type: 1, .init(repeating: 0, count: 255)), "c7ff01" + hex("00", 255)),
        .init(.ext(type: 1, .init(repeating: 0, count: 256)), "c8010001" + hex("00", 256)),
        .init(.ext(type: 1, .init(repeating: 0, count: 65536)), "c90001000001" + hex("00", 65536)),
        .init(.array([]), "90"), .init(.array(.init(repeating: .null, count: 15)), "9f" + hex("c0", 15)),
        .init(.array(.init(repeating: .null, count: 16)), "dc0010" + hex("c0", 16)),
        .init(.array(.init(repeating: .null, count: 65536)), "dd00010000" + hex("c0", 65536)),
        .init(.map([]), "80"), .init(.map(.init(repeating: .init(.null, .int(1)), count: 15)), "8f" + hex("c001", 15)),
        .init(.map(.init(repeating: .init(.null, .int(1)), count: 16)), "de0010" + hex("c001", 16)),
        .init(.map(.init(repeating: .init(.null, .int(1)), count: 65536)), "df00010000" + hex("c001", 65536)),
        .init(
            .map([.init(.int(1), .array([.bool(true)])), .init(.bool(false), .map([])), .init(.string("a"), .null)]),
            "830191c3c280a161c0"),
    ]

    /// Values that the raw dialect cannot tell from text; what comes back is text or raw.
    static let binary: [(bytes: [UInt8], raw: String, modern: String)] = [
        ([], "a0", "c400"), ([0xff], "a1ff", "c401ff"),
        (.init(repeating: 0xff, count: 255), "da00ff" + hex("ff", 255), "c4ff" + hex("ff", 255)),
        (.init(repeating: 0xff, count: 256), "da0100" + hex("ff", 256), "c50100" + hex("ff", 256)),
        (.init(repeating: 0xff, count: 65536), "db00010000" + hex("ff", 65536), "c600010000" + hex("ff", 65536)),
    ]
}

struct WriterTests {
    @Test("writes the shortest form in both dialects and reads it back", arguments: EncodingCase.all)
    func roundTrips(_ example: EncodingCase) throws {
        #expect(example.value.encoded(.raw).hex == example.raw)
        #expect(example.value.encoded(.modern).hex == example.modern)
        #expect(try MessagePackValue(decoding: example.value.encoded(.raw)) == example.value)
        #expect(try MessagePackValue(decoding: example.value.encoded(.modern)) == example.value)
    }

    @Test("bytes are bin in the modern dialect and raw in the old one")
    func binary() throws {
        for (bytes, raw, modern) in EncodingCase.binary {
            #expect(MessagePackValue.binary(bytes).encoded(.raw).hex == raw)
            #expect(MessagePackValue.binary(bytes).encoded(.modern).hex == modern)
            #expect(try MessagePackValue(decoding: MessagePackValue.binary(bytes).encoded(.modern)) == .binary(bytes))
        }
    }

    @Test("the raw dialect never writes str8 nor bin")
    func rawDialectIsOld() throws {
        for length in 0...300 {
            for value in [
                MessagePackValue.string(.init(repeating: "x", count: length)),
                .binary(.init(repeating: 0xff, count: length)),
            ] {
                let first = try #require(value.encoded(.raw).first)
                #expect(first & 0xe0 == 0xa0 || first == 0xda)
            }
        }
    }

    @Test func writesKeysEncodedValuesAndStartsOver() throws {
        var writer = MessagePackWriter(.raw, capacity: 4)
        writer.write("gone")
        writer.removeAll()
        writer.writeMap(count: 2)
        writer.writeKey("enc")
        writer.write("aes")
        writer.writeKey("load")
        writer.writeEncoded(MessagePackValue.array([.int(1)]).encoded(.raw))
        var buffer = ByteBuffer()
        buffer.writeMessagePack(writer)
        #expect(Array(buffer.readableBytesView) == writer.bytes)
        let value = try MessagePackValue(decoding: buffer)
        #expect(value["enc"] == .string("aes"))
        #expect(value["load"] == .array([.int(1)]))
        #expect(value["other"] == nil)
        #expect(writer.finish().hex == "82a3656e63a3616573a46c6f61649101")
    }

    @Test func theLastOfRepeatedKeysCounts() throws {
        let value = try MessagePackValue(decoding: [0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2])
        #expect(value["a"] == .int(2))
        #expect(value.encoded(.raw) == [0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2])
    }
}
