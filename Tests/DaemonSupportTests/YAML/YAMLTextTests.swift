import DaemonSupport
import Foundation
import MusterCore
import MusterTestSupport
import Testing

/// What Salt 3008.5 with PyYAML 6 and libyaml reads and writes, made with its own `salt.utils.yaml`.
///
/// Maps are `{"map": [[key, value]…]}`, bytes `{"bytes": "text"}`, the infinite number `{"float": "inf"}`.
struct YAMLVector: Sendable, CustomTestStringConvertible {
    let text: String
    let value: Value

    var testDescription: String { text.debugDescription }

    static func load(_ name: String) throws -> [YAMLVector] {
        let list = try #require(try PackageFile.json("Tests/Vectors/yaml/\(name).json").array)
        return try list.map {
            YAMLVector(text: try #require($0["text"]?.string), value: plain(try #require($0["value"])))
        }
    }

    private static func plain(_ value: Value) -> Value {
        switch value {
        case .array(let elements): .array(elements.map(plain))
        case .map(let map):
            if let pairs = map["map"]?.array {
                .map(ValueMap(pairs.compactMap(\.array).map { (key: plain($0[0]), value: plain($0[1])) }))
            } else if let text = map["bytes"]?.string {
                .bytes(Array(text.utf8))
            } else {
                .double(.infinity)
            }
        case .null, .bool, .int, .uint, .double, .string, .bytes: value
        }
    }
}

@Suite("YAML text")
struct YAMLTextTests {
    @Test("reads what Salt reads", arguments: try YAMLVector.load("yaml-read"))
    func reads(_ vector: YAMLVector) throws {
        #expect(try YAMLText.value(vector.text) == vector.value)
    }

    @Test("writes what Salt writes", arguments: try YAMLVector.load("yaml-write"))
    func writes(_ vector: YAMLVector) {
        #expect(YAMLText.text(vector.value, keys: .sorted) == vector.text)
    }

    @Test("reads back what it wrote", arguments: try YAMLVector.load("yaml-write"))
    func roundTrips(_ vector: YAMLVector) throws {
        #expect(try YAMLText.value(YAMLText.text(vector.value)) == vector.value)
    }

    @Test("keeps the order of keys unless told to sort")
    func order() {
        let value: Value = ["b": 1, "a": 2]
        #expect(YAMLText.text(value) == "b: 1\na: 2\n")
        #expect(YAMLText.text(value, keys: .sorted) == "a: 2\nb: 1\n")
    }

    @Test(
        "names line and column of a mistake",
        arguments: [
            ("a: 1\nb: [1, 2\nc: 3", 3, 2),
            ("a: b: c", 1, 5),
            ("a: 1\n\tb: 2", 2, 1),
            ("a: 1\nb: 2\na: 3", 1, 1),
            ("a: *nothing", 1, 4),
            ("a: 1\n--- \nb: 2", 2, 1),
            ("a:\n  b: !!python/object:os.system x", 2, 6),
            ("a: !!int x", 1, 4),
            ("<<: 3", 1, 5),
            ("1: a\n0x1: b", 2, 1),
        ])
    func mistakes(_ text: String, line: Int, column: Int) {
        #expect {
            try YAMLText.value(text)
        } throws: {
            let error = $0 as? YAMLError
            return error?.line == line && error?.column == column
        }
    }

    @Test("describes a mistake with its place and never quotes the line")
    func description() throws {
        let error = try #require(throws: YAMLError.self) { try YAMLText.value("password: secret: x") }
        #expect(
            error.description == "not valid YAML at line 1, column 17: mapping values are not allowed in this context")
    }

    @Test("keeps integers beyond 64 bits as text", arguments: ["99999999999999999999", "-9223372036854775809"])
    func hugeIntegers(_ text: String) throws {
        #expect(try YAMLText.value(text) == .string(text))
        #expect(YAMLText.text(.string(text)) == "'\(text)'\n")
    }

    @Test("stops aliases that multiply and nesting without end")
    func limits() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            bomb += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        #expect(throws: YAMLError.self) { try YAMLText.value(bomb) }
        let deep = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        #expect(throws: YAMLError.self) { try YAMLText.value(deep) }
    }
}

@Suite("The file of operator's facts")
struct YAMLFactsFileTests {
    private let directory: TestDirectory
    private var path: String { directory.file("facts.yaml") }

    init() throws { directory = try TestDirectory() }

    @Test("is empty when absent, and holds what was saved")
    func savesAndLoads() throws {
        let file = YAMLFactsFile(path: path)
        #expect(try file.load() == [:])
        try file.save(["roles": ["web", "db"], "dc": "ams1"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "dc: ams1\nroles:\n- web\n- db\n")
        #expect(try file.load() == ["dc": "ams1", "roles": ["web", "db"]])
    }

    @Test("names itself when it holds no map", arguments: ["- a", "a: [", "text"])
    func refuses(_ text: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let error = try #require(throws: FactsFileError.self) { try YAMLFactsFile(path: path).load() }
        #expect(error.description.hasPrefix(path))
    }
}
