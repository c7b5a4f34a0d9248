import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

/// One value with the bytes that Ruby 3.1 makes of it.
struct MarshalSample: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    /// In the tagged JSON of the captures.
    var tagged: Value
    var testDescription: String { name }

    static func all() throws -> [MarshalSample] {
        let samples = try #require(MCollectiveVector.file("marshal-samples")["samples"]?.array)
        return try samples.map { sample in
            MarshalSample(
                name: try #require(sample["name"]?.string),
                bytes: try #require([UInt8](hex: sample["hex"]?.string ?? "-")),
                tagged: try #require(sample["value"]))
        }
    }

    /// Ruby's own objects: read as an error that names them.
    static let refused: Set<String> = ["struct", "class", "module", "time", "object"]
    /// Read, and written in another form of the same value: classes and defaults are dropped, an array is linked whole.
    static let rewritten: Set<String> = [
        "hash with default", "hash compare_by_identity", "string subclass", "array subclass", "object link hash",
        "same bignum object", "regexp utf8",
    ]
    /// The texts that are one object in the peer.
    static let shared: [String: Set<String>] = [
        "object links": ["a"], "bignum then links": ["s"], "bignum31 then links": ["s"], "regexp then links": ["s"],
    ]
}

struct MarshalSampleTests {
    @Test("there are 106 samples")
    func count() throws { #expect(try MarshalSample.all().count == 106) }

    @Test("what Ruby wrote is read as the value that Ruby meant", arguments: try MarshalSample.all())
    func reads(_ sample: MarshalSample) throws {
        if MarshalSample.refused.contains(sample.name) {
            #expect { _ = try MarshalReader.value(sample.bytes) } throws: { error in
                guard case MarshalError.refusedType = error else { return false }
                return true
            }
            return
        }
        let value = try MarshalReader.value(sample.bytes)
        if let expected = try MCollectiveVector.value(sample.tagged) {
            #expect(isSame(value, expected))
        } else {
            #expect(bigs(in: value) == bigs(inTagged: sample.tagged))
        }
    }

    @Test("what is read is written as Ruby's bytes", arguments: try MarshalSample.all())
    func writes(_ sample: MarshalSample) throws {
        guard !MarshalSample.refused.contains(sample.name) else { return }
        let value = try MarshalReader.value(sample.bytes)
        let bytes = MarshalWriter.bytes(value, shared: MarshalSample.shared[sample.name] ?? [])
        if !MarshalSample.rewritten.contains(sample.name) { #expect(bytes.hex == sample.bytes.hex) }
        #expect(isSame(try MarshalReader.value(bytes), value))
    }

    /// Equal, with a number that is none equal to itself and the two zeros apart. Regexps of captures lack an encoding.
    private func isSame(_ left: RubyValue, _ right: RubyValue) -> Bool {
        switch (left, right) {
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern || left.isNaN && right.isNaN
        case (.regexp(let left), .regexp(let right)):
            left.source.bytes == right.source.bytes && left.options == right.options
        case (.array(let left), .array(let right)): left.count == right.count && zip(left, right).allSatisfy(isSame)
        default: left == right
        }
    }

    private func bigs(in value: RubyValue) -> [String] {
        switch value {
        case .int(let number): [String(number)]
        case .big(let number): [number.description]
        case .array(let elements): elements.flatMap(bigs)
        default: []
        }
    }

    private func bigs(inTagged value: Value) -> [String] {
        value.array?.flatMap(bigs(inTagged:)) ?? [value["$big"]?.string ?? "?"]
    }
}
