import MessagePack
import MusterTestSupport
import Testing

/// One token per format byte, at the edges of its range.
struct TokenCase: Sendable, CustomTestStringConvertible {
    var hex: String
    var token: MessagePackToken
    var testDescription: String { hex.count > 40 ? "\(hex.prefix(40))…" : hex }

    init(_ hex: String, _ token: MessagePackToken) {
        self.hex = hex
        self.token = token
    }

    static let all: [TokenCase] = [
        .init("00", .int(0)), .init("7f", .int(127)),
        .init("80", .map(count: 0)), .init("81 c0c0", .map(count: 1)),
        .init("8f" + String(repeating: "c0", count: 30), .map(count: 15)),
        .init("90", .array(count: 0)), .init("91 c0", .array(count: 1)),
        .init("9f" + String(repeating: "c0", count: 15), .array(count: 15)),
        .init("a0", .string(1..<1)), .init("a3 616263", .string(1..<4)),
        .init("bf" + String(repeating: "61", count: 31), .string(1..<32)),
        .init("c0", .null), .init("c2", .bool(false)), .init("c3", .bool(true)),
        .init("c4 00", .binary(2..<2)), .init("c4 02 fffe", .binary(2..<4)),
        .init("c5 0001 ff", .binary(3..<4)), .init("c6 00000001 ff", .binary(5..<6)),
        .init("c7 00 05", .ext(type: 5, 3..<3)), .init("c7 03 ff 010203", .ext(type: -1, 3..<6)),
        .init("c8 0001 4e 01", .ext(type: 78, 4..<5)), .init("c9 00000001 4f 01", .ext(type: 79, 6..<7)),
        .init("ca 3fc00000", .float(1.5)), .init("cb 3ff8000000000000", .double(1.5)),
        .init("cc 80", .int(128)), .init("cc ff", .int(255)), .init("cc 00", .int(0)),
        .init("cd 0100", .int(256)), .init("cd ffff", .int(65535)),
        .init("ce 00010000", .int(65536)), .init("ce ffffffff", .int(4_294_967_295)),
        .init("cf 0000000100000000", .int(4_294_967_296)), .init("cf 7fffffffffffffff", .int(.max)),
        .init("cf 8000000000000000", .uint(1 << 63)), .init("cf ffffffffffffffff", .uint(.max)),
        .init("d0 80", .int(-128)), .init("d0 7f", .int(127)), .init("d1 8000", .int(-32768)),
        .init("d2 80000000", .int(-2_147_483_648)), .init("d3 8000000000000000", .int(.min)),
        .init("d4 01 aa", .ext(type: 1, 2..<3)), .init("d5 01 aaaa", .ext(type: 1, 2..<4)),
        .init("d6 01 aaaaaaaa", .ext(type: 1, 2..<6)), .init("d7 01 aaaaaaaaaaaaaaaa", .ext(type: 1, 2..<10)),
        .init("d8 80" + String(repeating: "aa", count: 16), .ext(type: -128, 2..<18)),
        .init("d9 00", .string(2..<2)), .init("d9 01 61", .string(2..<3)),
        .init("da 0001 61", .string(3..<4)), .init("db 00000001 61", .string(5..<6)),
        .init("dc 0001 c0", .array(count: 1)), .init("dd 00000001 c0", .array(count: 1)),
        .init("de 0001 c0c0", .map(count: 1)), .init("df 00000001 c0c0", .map(count: 1)),
        .init("e0", .int(-32)), .init("ff", .int(-1)),
    ]
}

struct ReaderTests {
    @Test("reads the token of every format byte", arguments: TokenCase.all)
    func reads(_ example: TokenCase) throws {
        let bytes = try #require([UInt8](hex: example.hex))
        var reader = MessagePackReader(bytes.span.bytes)
        let token = try reader.next()
        #expect(token == example.token)
    }

    @Test("the table above names every first byte but c1 and the middles of the fix ranges")
    func tableIsComplete() throws {
        let named = Set(try TokenCase.all.map { try #require([UInt8](hex: $0.hex)?.first) })
        for byte: UInt8 in 0xc0...0xdf where byte != 0xc1 {
            #expect(named.contains(byte), "\(String(byte, radix: 16))")
        }
    }

    @Test("reads every fix value by its value")
    func fixValues() throws {
        for byte: UInt8 in 0...0x7f { try expect([byte], .int(Int64(byte))) }
        for byte: UInt8 in 0xe0...0xff { try expect([byte], .int(Int64(byte) - 256)) }
        for count in 0..<32 {
            try expect([0xa0 | UInt8(count)] + [UInt8](repeating: 0x61, count: count), .string(1..<(1 + count)))
        }
    }

    private func expect(_ bytes: [UInt8], _ token: MessagePackToken) throws {
        var reader = MessagePackReader(bytes.span.bytes)
        let (found, isAtEnd) = (try reader.next(), reader.isAtEnd)
        #expect(found == token)
        #expect(isAtEnd)
    }

    @Test("refuses every token cut off at every byte and stays where it was", arguments: TokenCase.all)
    func refusesTruncation(_ example: TokenCase) throws {
        let whole = try #require([UInt8](hex: example.hex))
        for length in 0..<whole.count {
            let bytes = Array(whole.prefix(length))
            var reader = MessagePackReader(bytes.span.bytes)
            var failure: MessagePackError?
            do { _ = try reader.next() } catch { failure = error }
            guard case .truncated(offset: 0, let missing) = failure else {
                Issue.record("\(length) bytes: \(String(describing: failure))")
                return
            }
            #expect(missing >= 1 && missing <= whole.count - length)
            let offset = reader.offset
            #expect(offset == 0)
            #expect(throws: MessagePackError.self) {
                var reader = MessagePackReader(bytes.span.bytes)
                try reader.skip()
            }
        }
    }

    @Test("skips every token with its contents", arguments: TokenCase.all)
    func skips(_ example: TokenCase) throws {
        let bytes = try #require([UInt8](hex: example.hex)) + [0xc3]
        var reader = MessagePackReader(bytes.span.bytes)
        let (skipped, next) = (try reader.skip(), try reader.readBool())
        #expect(skipped == 0..<(bytes.count - 1))
        #expect(next)
        try reader.finish()
    }

    @Test func refusesTheReservedByte() {
        let bytes: [UInt8] = [0xc0, 0xc1]
        #expect(throws: MessagePackError.reservedByte(offset: 1)) {
            var reader = MessagePackReader(bytes.span.bytes)
            _ = try reader.next()
            _ = try reader.next()
        }
    }

    @Test(
        "refuses counts that the input cannot hold before reserving anything",
        arguments: ["dd ffffffff", "df ffffffff", "dc ffff c0", "de ffff c0c0", "9f c0", "82 c0c0c0", "db ffffffff 61"])
    func refusesBombs(hex: String) throws {
        let bytes = try #require([UInt8](hex: hex))
        #expect {
            try MessagePackValue(decoding: bytes, limits: .init(maxLength: .max / 2))
        } throws: { error in
            guard case .truncated(offset: 0, _) = error as? MessagePackError else { return false }
            return true
        }
    }

    @Test("what open containers owe counts together, in trees and when skipping")
    func refusesNestedBombs() throws {
        // 100 arrays inside each other, each claiming 1000 elements, with bytes enough for one of them only.
        let bytes = (0..<100).flatMap { _ in [0xdc, 0x03, 0xe8] as [UInt8] } + [UInt8](repeating: 0xc0, count: 1500)
        for operation in ["tree", "skip"] {
            #expect {
                var reader = MessagePackReader(bytes.span.bytes)
                if operation == "tree" { _ = try reader.readValue() } else { try reader.skip() }
            } throws: { error in
                guard case .truncated(let offset, _) = error as? MessagePackError else { return false }
                return offset <= 6
            }
        }
    }

    @Test func skipsAnyDepthWithoutStack() throws {
        let bytes = [UInt8](repeating: 0x91, count: 900_000) + [0xc0]
        var reader = MessagePackReader(bytes.span.bytes)
        try reader.skip()
        let isAtEnd = reader.isAtEnd
        #expect(isAtEnd)
    }

    @Test func holdsTheLimits() {
        let text: [UInt8] = [0xa3, 0x61, 0x62, 0x63]
        #expect(throws: MessagePackError.tooLong(offset: 0, declaredBytes: 3, limitBytes: 2)) {
            try MessagePackValue(decoding: text, limits: .init(maxLength: 2))
        }
        #expect(throws: Never.self) { try MessagePackValue(decoding: text, limits: .init(maxLength: 3)) }
        let nested: [UInt8] = [0x91, 0x91, 0x91, 0xc0]
        #expect(throws: MessagePackError.tooDeep(offset: 2, limit: 2)) {
            try MessagePackValue(decoding: nested, limits: .init(maxDepth: 2))
        }
        #expect(throws: Never.self) { try MessagePackValue(decoding: nested, limits: .init(maxDepth: 3)) }
        let wide: [UInt8] = [0x92, 0xc0, 0x82, 1, 2, 3, 4]
        #expect(throws: MessagePackError.tooManyValues(offset: 2, limit: 5)) {
            try MessagePackValue(decoding: wide, limits: .init(maxValues: 5))
        }
        #expect(throws: Never.self) { try MessagePackValue(decoding: wide, limits: .init(maxValues: 6)) }
        #expect(throws: MessagePackError.tooManyValues(offset: 6, limit: 6)) {
            var reader = MessagePackReader(wide.span.bytes, limits: .init(maxValues: 6))
            try reader.skip()
        }
    }

    @Test("an unexpected kind names both kinds and leaves the value unread")
    func unexpectedKinds() throws {
        let bytes: [UInt8] = [0xa1, 0x61]
        var reader = MessagePackReader(bytes.span.bytes)
        var errors: [MessagePackError] = []
        do { _ = try reader.readMap() } catch { errors.append(error) }
        do { _ = try reader.readArray() } catch { errors.append(error) }
        do { _ = try reader.readInt() } catch { errors.append(error) }
        do { _ = try reader.readBool() } catch { errors.append(error) }
        #expect(
            errors
                == [.map, .array, .integer, .bool].map {
                    .unexpectedKind(offset: 0, expected: $0, found: .string)
                })
        let (isNull, text) = (reader.readNull(), reader.text(try reader.readString()))
        #expect(!isNull)
        #expect(text == "a")
    }

    @Test func readsStringsOfBothGenerations() throws {
        let bytes: [UInt8] =
            [0xa1, 0x61, 0xc4, 1, 0x61, 0xd9, 1, 0x61, 0xc0, 0xcf, 0xff] + [UInt8](repeating: 0xff, count: 7)
        var reader = MessagePackReader(bytes.span.bytes)
        for _ in 0..<3 {
            let range = try reader.readString()
            let matches = [reader.matches(range, "a"), reader.matches(range, "b"), reader.matches(range, "ab")]
            #expect(matches == [true, false, false])
            let copy = reader.array(range)
            #expect(copy == [0x61])
        }
        let isNull = reader.readNull()
        #expect(isNull)
        var failure: MessagePackError?
        do { _ = try reader.readInt() } catch { failure = error }
        #expect(failure == .integerOutOfRange(offset: 9))
    }

    @Test func refusesTrailingBytes() {
        #expect(throws: MessagePackError.trailingBytes(offset: 1, count: 2)) {
            try MessagePackValue(decoding: [0xc0, 0xc0, 0xc0])
        }
    }

    @Test("errors say what happened and where")
    func describesErrors() {
        #expect("\(MessagePackError.tooDeep(offset: 7, limit: 3))".contains("byte 7"))
        #expect(
            "\(MessagePackError.unexpectedKind(offset: 1, expected: .map, found: .string))"
                == "the value at byte 1 is string where map was expected")
    }
}
