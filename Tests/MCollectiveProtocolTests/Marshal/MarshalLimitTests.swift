import MCollectiveProtocol
import MusterTestSupport
import Testing

/// Input that Ruby would have followed until memory or stack ran out.
struct MarshalLimitTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var hex: String
        var error: MarshalError

        init(_ name: String, _ hex: String, _ error: MarshalError) {
            (testDescription, self.hex, self.error) = (name, hex, error)
        }
    }

    static let refusals: [Refusal] = [
        .init("nothing", "", .unknownVersion), .init("another version", "0409 30", .unknownVersion),
        .init("YAML", "2d2d2d0a", .unknownVersion),
        .init("a version alone", "0408", .truncated(offset: 2, missingBytes: 1)),
        .init("two values", "0408 3030", .trailingBytes(offset: 3, count: 1)),
        .init("no type", "0408 78", .unknownType(offset: 2, byte: 0x78)),
        .init(
            "an array of two thousand million", "0408 5b 04ffffff7f", .truncated(offset: 3, missingBytes: 0x7fff_ffff)),
        .init("a string longer than the input", "0408 22 08 6161", .truncated(offset: 3, missingBytes: 1)),
        .init("a negative length", "0408 22 fa", .negativeCount(offset: 3)),
        .init("an integer cut off", "0408 69 0401", .truncated(offset: 4, missingBytes: 3)),
        .init("nested promises", "0408 5b08 5b07 3030", .truncated(offset: 4, missingBytes: 2)),
        .init("a link to itself", "0408 5b06 4000", .danglingLink(offset: 4)),
        .init("a link to what holds it", "0408 5b06 5b06 4006", .danglingLink(offset: 6)),
        .init("a link to nothing", "0408 5b06 4007", .danglingLink(offset: 4)),
        .init("a negative link", "0408 40fa", .danglingLink(offset: 2)),
        .init("a symbol link to nothing", "0408 3b00", .danglingLink(offset: 2)),
        .init("a string whose attribute is itself", "0408 4922 0661 063a0645 4000", .danglingLink(offset: 10)),
        .init("an object", "0408 6f3a0641 00", .refusedType(offset: 2, name: "object")),
        .init("an object within", "0408 5b06 6f3a0641 00", .refusedType(offset: 4, name: "object")),
        .init(
            "a user's dump with attributes", "0408 49 753a0641 00 00",
            .refusedType(offset: 3, name: "user-defined dump")),
        .init("a wrapped object", "0408 43 3a0641 6f", .misplaced(offset: 6)),
        .init("an attributed array", "0408 49 5b00 00", .misplaced(offset: 3)),
        .init("a wrapped wrapper", "0408 43 3a0641 43 3a0641 2200", .misplaced(offset: 6)),
        .init("a bad symbol", "0408 3a06ff", .invalidText(offset: 2)),
        .init("a number of letters", "0408 6607 3078", .invalidNumber(offset: 2)),
        .init("an integer without a sign", "0408 6c 3f 06 0100", .invalidNumber(offset: 2)),
    ]

    @Test("is refused with the place", arguments: refusals)
    func refuses(_ refusal: Refusal) throws {
        let bytes = try #require([UInt8](hex: refusal.hex))
        #expect(throws: refusal.error) { try MarshalReader.value(bytes) }
        #expect(!refusal.error.description.isEmpty)
    }

    @Test("depth is limited for everything that nests")
    func depth() {
        let opens: [[UInt8]] = [
            Array("[".utf8) + [6], Array("{".utf8) + [6, 0x30], Array("}".utf8) + [0],
            Array("I\"".utf8) + [0, 6] + Array(":".utf8) + [6, 0x45], Array("CI:".utf8) + [6, 0x41, 6, 0x3a, 6, 0x45],
            Array("I:".utf8) + [6, 0x41, 6, 0x3a, 6, 0x45],
        ]
        for open in opens {
            let bytes: [UInt8] = [4, 8] + [[UInt8]](repeating: open, count: 100_000).joined() + [0x30]
            #expect {
                _ = try MarshalReader.value(bytes, limits: SerializerLimits(maxBytes: .max, maxValues: .max))
            } throws: { error in
                if case MarshalError.tooDeep(_, limit: 32) = error { return true }
                return error as? MarshalError == .misplaced(offset: 3)
            }
        }
    }

    @Test("a container as deep as the limit is read")
    func deepest() throws {
        let limits = SerializerLimits(maxDepth: 3)
        func nested(_ depth: Int) -> [UInt8] {
            [4, 8] + [[UInt8]](repeating: [0x5b, 6], count: depth - 1).joined() + [0x5b, 0]
        }
        #expect(try MarshalReader.value(nested(3), limits: limits) == [[[]]])
        #expect(throws: MarshalError.tooDeep(offset: 8, limit: 3)) {
            try MarshalReader.value(nested(4), limits: limits)
        }
    }

    @Test("links that double at each level end at the limit of values")
    func linkBomb() {
        // [[[], @], @] … : each level holds the one before it twice.
        var bytes: [UInt8] = []
        for level in (0..<24).reversed() { bytes = [0x5b, 7] + bytes + (level == 23 ? [0x30, 0x30] : []) }
        var input: [UInt8] = [4, 8] + bytes
        for level in (0..<23).reversed() { input += [0x40, UInt8(level + 1 + 5)] }
        #expect {
            _ = try MarshalReader.value(input, limits: SerializerLimits(maxValues: 10_000))
        } throws: { error in
            guard case MarshalError.tooManyValues(_, limit: 10_000) = error else { return false }
            return true
        }
    }

    @Test("links to a long text end at the limit of bytes")
    func longLinks() throws {
        let text: [UInt8] = [0x22, 2, 0xe8, 3] + [UInt8](repeating: 0x61, count: 1000)
        let head: [UInt8] = [4, 8, 0x5b, 1, 201] + text
        let links = [[UInt8]](repeating: [0x40, 6], count: 200).joined()
        #expect(throws: MarshalError.linksTooLong(offset: 1009 + 2 * 99, limit: 100_000)) {
            try MarshalReader.value(head + links, limits: SerializerLimits(maxBytes: 100_000))
        }
        #expect(try MarshalReader.value(head + links).array?.count == 201)
    }

    @Test("links that are few are followed")
    func links() throws {
        let input = try #require([UInt8](hex: "0408 5b08 5b07 30 54 4006 4006"))
        #expect(try MarshalReader.value(input) == [[nil, true], [nil, true], [nil, true]])
    }

    @Test("values, bytes and integers have limits")
    func sizes() throws {
        let array = MarshalWriter.bytes(.array(.init(repeating: nil, count: 100)))
        #expect(throws: MarshalError.tooManyValues(offset: 2, limit: 100)) {
            try MarshalReader.value(array, limits: SerializerLimits(maxValues: 100))
        }
        #expect(try MarshalReader.value(array, limits: SerializerLimits(maxValues: 101)).array?.count == 100)
        #expect(throws: MarshalError.inputTooLong(bytes: array.count, limit: 50)) {
            try MarshalReader.value(array, limits: SerializerLimits(maxBytes: 50))
        }
        let integer: [UInt8] = [4, 8, 0x6c, 0x2b, 2, 1, 1] + [UInt8](repeating: 1, count: 514)
        #expect(throws: MarshalError.integerTooLong(offset: 2, bytes: 514, limit: 512)) {
            try MarshalReader.value(integer)
        }
    }

    @Test("a key that is repeated keeps its place and its last value")
    func repeatedKeys() throws {
        let input = try #require([UInt8](hex: "0408 7b08 3a0661 6906 3a0662 6907 3b00 6908"))
        #expect(try MarshalReader.value(input) == .hash([(.symbol("a"), 3), (.symbol("b"), 2)]))
    }
}
