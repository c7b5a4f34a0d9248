import MusterCore
import MusterTestSupport
import Testing

@testable import MCollectiveProtocol

struct YAMLCase: Sendable, CustomTestStringConvertible {
    var text: String
    var value: RubyValue
    var testDescription: String { text.debugDescription }

    init(_ text: String, _ value: RubyValue) {
        self.text = text
        self.value = value
    }

    /// Text as Psych 4.0 writes the value.
    static let written: [YAMLCase] = [
        .init("--- pong\n", "pong"), .init("--- :ok\n", .symbol("ok")), .init("--- 12\n", 12),
        .init("--- '12'\n", "12"),
        .init("--- 1.5\n", .double(1.5)), .init("--- 1.0e+20\n", .double(1e20)),
        .init("--- .inf\n", .double(.infinity)),
        .init("--- true\n", true), .init("--- 'on'\n", "on"), .init("--- \"y\"\n", "y"), .init("--- ''\n", ""),
        .init("--- []\n", []), .init("--- {}\n", .hash([])), .init("--- \"/etc/hosts\"\n", "/etc/hosts"),
        .init("--- '2026-11-21'\n", "2026-11-21"), .init("--- '12:30'\n", "12:30"), .init("--- a b\n", "a b"),
        .init("--- \"--- pong\\n\"\n", "--- pong\n"), .init("--- 'a: b'\n", "a: b"), .init("--- it's\n", "it's"),
        .init("--- 'a #b'\n", "a #b"), .init("--- \"\\e[1m\\\"\"\n", "\u{1b}[1m\""),
        .init("---\n- 1\n- - 2\n  - 3\n- a: 1\n  b: []\n", [1, [2, 3], .hash([("a", 1), ("b", [])])]),
        .init(
            "---\n:a:\n- x\n:b:\n  :c: 1\n", .hash([(.symbol("a"), ["x"]), (.symbol("b"), .hash([(.symbol("c"), 1)]))])),
        .init(
            "---\na: |\n  one\n  two\nb: |-\n  one\n  two\nc: |+\n  one\n\nd: 1\n",
            .hash([
                ("a", "one\ntwo\n"), ("b", "one\ntwo"), ("c", "one\n\n"), ("d", 1),
            ])),
        .init("---\n- |2\n    one\n  two\n", ["  one\ntwo\n"]),
        .init("---\n- !binary |-\n  /w==\n-\n- a:\n", [.bytes([0xff]), .null, .hash([("a", .null)])]),
        .init("---\n! '': 1\n", .hash([(.null, 1)])), .init("--- \"\\n\"\n", "\n"),
        .init("--- !ruby/regexp /^[0-9a-f]+$/\n", .regexp(.init("^[0-9a-f]+$"))),
        .init("--- !ruby/regexp /a b/mix\n", .regexp(.init("a b", options: [.ignoreCase, .extended, .multiLine]))),
        .init("---\n:body: 'b3==\n\n  '\n:x: 1\n", .hash([(.symbol("body"), "b3==\n"), (.symbol("x"), 1)])),
    ]

    /// Text that others write, or Psych in another width.
    static let read: [YAMLCase] = [
        .init("", .null), .init("---\n", .null), .init("a: \n", .hash([("a", .null)])), .init("--- ~\n", .null),
        .init("# c\n---\n# d\na: 1 # e\n\n...\n", .hash([("a", 1)])),
        .init("a: 1\r\nb: 2\r\n", .hash([("a", 1), ("b", 2)])),
        .init(
            "{:a: 1, b: [x, 'y, z', {}], \"c\":2}",
            .hash([(.symbol("a"), 1), ("b", ["x", "y, z", .hash([])]), ("c", 2)])),
        .init("[\n  a,\n  b c\n]", ["a", "b c"]), .init("a:\n  - 1\n  -\n    - 2\n", .hash([("a", [1, [2]])])),
        .init("- a\n-\n- b\n", ["a", .null, "b"]), .init("--- one\n  two\n\n  three\n", "one two\nthree"),
        .init("a: >\n  one\n  two\n\n  three\n", .hash([("a", "one two\nthree\n")])),
        .init("a: >-\n  one\n    two\n  three\n", .hash([("a", "one\n  two\nthree")])),
        .init("\"a\\u00e9\\x41\\\n  b\\tc\nd\"", "aéAb\tc d"), .init("'it''s'", "it's"), .init("0x1f", 31),
        .init("017", 15),
        .init("09", "09"), .init("1_000", 1000), .init("-3", -3), .init("1.2.3", "1.2.3"),
        .init(":\"a b\"", .symbol("a b")),
        .init("!ruby/sym x", .symbol("x")), .init("!binary \"AP8=\"", .bytes([0, 0xff])), .init("!!str 1", "1"),
        .init(
            "? |-\n  a\n  b\n: - 1\n  - d: 3\n    e:\nc: 2\n",
            .hash([("a\nb", [1, .hash([("d", 3), ("e", .null)])]), ("c", 2)])),
        .init("http://x:1/y", "http://x:1/y"), .init("- a: 1\n  b: 2\n- c\n", [.hash([("a", 1), ("b", 2)]), "c"]),
    ]

    static let refused: [(String, YAMLError.Problem, Int)] = [
        ("a: &x 1\nb: *x\n", .alias, 1), ("- 1\n- *x\n", .alias, 2),
        ("a: !ruby/object:A {}\n", .refusedTag("!ruby/object:A"), 1),
        ("a: 'x\n", .unfinished, 2), ("a: [1, 2\n", .unfinished, 2), ("a: 1\n b: 2\n", .unexpected, 2),
        ("a: 1\nb\n", .unexpected, 2), ("\"\\q\"", .invalidEscape, 1), ("%YAML 1.1\n---\n", .unexpected, 1),
        ("--- 1\n--- 2\n", .unexpected, 2), ("a: @x\n", .unexpected, 1),
        ("!binary \"?\"", .invalidValue(tag: "!binary"), 1),
        ("!ruby/regexp x", .invalidValue(tag: "!ruby/regexp"), 1), ("[a}", .unexpected, 1),
    ]
}

struct YAMLTests {
    @Test("what Psych writes is read, and written as Psych does", arguments: YAMLCase.written)
    func roundTrips(_ example: YAMLCase) throws {
        #expect(try YAMLReader.value(Array(example.text.utf8)) == example.value)
        #expect(YAMLWriter.text(example.value) == example.text)
    }

    @Test("what others write is read", arguments: YAMLCase.read)
    func reads(_ example: YAMLCase) throws {
        #expect(try YAMLReader.value(Array(example.text.utf8)) == example.value)
    }

    @Test("what is not ours to read is refused in its line", arguments: YAMLCase.refused)
    func refuses(_ text: String, _ problem: YAMLError.Problem, _ line: Int) {
        #expect {
            _ = try YAMLReader.value(Array(text.utf8))
        } throws: { error in
            (error as? YAMLError)?.problem == problem && (error as? YAMLError)?.line == line
        }
    }

    @Test("depth, values and bytes are limited")
    func limits() {
        for open in ["[", "- ", "{a: "] {
            #expect {
                _ = try YAMLReader.value(Array(String(repeating: open, count: 10_000).utf8))
            } throws: { ($0 as? YAMLError)?.problem == .tooDeep(limit: 32) }
        }
        #expect(throws: YAMLError(line: 1, problem: .tooManyValues(limit: 10))) {
            try YAMLReader.value(Array("[1,1,1,1,1,1,1,1,1,1]".utf8), limits: .init(maxValues: 10))
        }
        #expect(throws: YAMLError(line: 1, problem: .tooLong(bytes: 4, limit: 3))) {
            try YAMLReader.value(Array("abcd".utf8), limits: .init(maxBytes: 3))
        }
        #expect(throws: YAMLError(line: 1, problem: .notUTF8)) { try YAMLReader.value([0xff]) }
    }

    @Test("any value of the samples survives", arguments: try MarshalSample.all())
    func samples(_ sample: MarshalSample) throws {
        guard let value = try? MarshalReader.value(sample.bytes) else { return }  // the objects, which nothing reads
        let text = YAMLWriter.text(value)
        #expect(YAMLWriter.text(try YAMLReader.value(Array(text.utf8))) == text)
    }

    @Test("mutations end with a value or an error, and what was read survives writing")
    func mutations() {
        var random = SeededRandom(seed: 0x7961_6d6c)
        var outcomes = (read: 0, refused: 0)
        for seed in YAMLCase.written + YAMLCase.read {
            for _ in 0..<150 {
                do {
                    let text = YAMLWriter.text(try YAMLReader.value(random.mutate(Array(seed.text.utf8))))
                    #expect(YAMLWriter.text(try YAMLReader.value(Array(text.utf8))) == text)
                    outcomes.read += 1
                } catch {
                    outcomes.refused += 1
                }
            }
        }
        #expect(outcomes.read > 500 && outcomes.refused > 500)
    }
}
