import MusterCore
import Testing

@testable import NodeAgent

@Suite("Module grains")
struct GrainsModuleTests {
    static let machine: ValueMap = [
        "os": "Debian", "id": "web1.example.org", "host": "web1", "serialnumber": "ABCDEFGH", "roles": ["web"],
        "apps": ["shop": ["port": 80], "list": [["name": "a"]]], "mem_total": 100,
    ]

    @Test(
        "reads",
        arguments: [
            ("get", ["os"], [:], "Debian"), ("get", ["nope"], [:], ""), ("get", ["nope", "x"], [:], "x"),
            ("get", ["apps:shop:port"], [:], 80), ("fetch", ["apps|shop|port"], ["delimiter": "|"], 80),
            ("get", ["roles:0"], [:], "web"), ("get", ["apps:list:name"], [:], "a"),
            ("item", ["os", "nope"], [:], ["os": "Debian", "nope": ""]),
            ("item", ["host"], ["sanitize": true], ["host": "MINION"]), ("has_value", ["apps:shop"], [:], true),
            ("has_value", ["apps:x"], [:], false), ("equals", ["mem_total", "100"], [:], true),
            ("equals", ["os", "Ubuntu"], [:], false),
            ("ls", [], [:], ["apps", "host", "id", "mem_total", "os", "roles", "serialnumber"]),
        ] as [(String, [Value], ValueMap, Value)])
    func reads(_ name: String, arguments: [Value], keywords: ValueMap, expected: Value) async throws {
        let value = try await ExecutionModule.grains.call(name, arguments, keywords, facts: MemoryFacts(Self.machine))
        #expect(value == expected)
    }

    @Test("hides what identifies the machine")
    func sanitizes() async throws {
        let items = try await ExecutionModule.grains.call("items", [true], facts: MemoryFacts(Self.machine))
        #expect(items["serialnumber"] == "ABCDEFXX")
        #expect(items["id"] == "MINION.DOMAINNAME")
        #expect(items["os"] == "Debian")
    }

    /// Results as salt-call 3008.5 gives them, and what is stored afterwards.
    @Test(
        "writes",
        arguments: [
            ("setval", ["dc", "ams"], [:], ["dc": "ams"], "dc", "ams"),
            ("setval", ["os", .null], ["destructive": true], ["os": .null], "os", .null),
            ("setvals", [["a": 1, "b": 2]], [:], ["a": 1, "b": 2], "b", 2),
            ("append", ["roles", "db"], [:], ["roles": ["web", "db"]], "roles", ["web", "db"]),
            ("append", ["roles", "web"], [:], "The val web was already in the list roles", "roles", ["web"]),
            ("append", ["os", "x"], [:], "The key os is not a valid list", "os", "Debian"),
            ("append", ["os", "x"], ["convert": true], ["os": ["Debian", "x"]], "os", ["Debian", "x"]),
            ("append", ["new:inner", "x"], [:], ["new": ["inner": ["x"]]], "new", ["inner": ["x"]]),
            ("remove", ["roles", "web"], [:], ["roles": []], "roles", []),
            ("remove", ["roles", "x"], [:], "The val x was not in the list roles", "roles", ["web"]),
            (
                "set", ["os", "Debian"], [:], ["comment": "Grain is already set", "changes": [:], "result": true], "os",
                "Debian"
            ),
            (
                "set", ["apps:shop:port", 81], [:],
                ["comment": "", "changes": ["apps": ["shop": ["port": 81], "list": [["name": "a"]]]], "result": true],
                "apps",
                ["shop": ["port": 81], "list": [["name": "a"]]]
            ),
            (
                "set", ["roles", "x"], [:],
                [
                    "comment": "The key 'roles' exists but is a dict or a list. Use 'force=True' to overwrite.",
                    "changes": [:], "result": false,
                ], "roles", ["web"]
            ),
            (
                "set", ["roles", "x"], ["force": true], ["comment": "", "changes": ["roles": "x"], "result": true],
                "roles", "x"
            ),
            ("delval", ["os"], [:], ["comment": "", "changes": ["os": .null], "result": true], "os", .null),
            ("delkey", ["os"], [:], ["comment": "", "changes": ["os": .null], "result": true], "os", .null),
        ] as [(String, [Value], ValueMap, Value, String, Value)])
    func writes(
        _ name: String, arguments: [Value], keywords: ValueMap, expected: Value, key: String, stored: Value
    ) async throws {
        let facts = MemoryFacts(Self.machine)
        #expect(try await ExecutionModule.grains.call(name, arguments, keywords, facts: facts) == expected)
        #expect((await facts.facts()[key] ?? .null) == stored)
    }

    @Test(
        "refuses wrong arguments",
        arguments: [("get", []), ("setval", ["a"]), ("setvals", ["text"]), ("get", ["a", "b", ":", true, 5])]
            as [(String, [Value])])
    func refuses(_ name: String, arguments: [Value]) async {
        await #expect(throws: FunctionError.self) { try await ExecutionModule.grains.call(name, arguments) }
    }
}

@Suite("Module config")
struct ConfigModuleTests {
    @Test(
        "looks in the configuration, the facts, the pillar and the master's configuration",
        arguments: [
            ("get", ["a"], [:], "conf"), ("get", ["a"], ["omit_opts": true], "fact"), ("get", ["p:q"], [:], 1),
            ("get", ["m"], [:], "master"), ("get", ["nope", "d"], [:], "d"), ("get", ["test.foo"], [:], "unconfigured"),
            ("get", ["deep"], ["merge": "recurse"], ["x": 1, "y": 2]), ("get", ["deep"], [:], ["x": 1]),
            ("option", ["a"], [:], "conf"), ("option", ["p:q"], [:], ""), ("option", ["a"], ["omit_all": true], ""),
            ("option", ["a*"], ["wildcard": true, "omit_opts": true], ["aliases.file": "/etc/aliases", "a": "fact"]),
            ("merge", ["deep"], [:], ["y": 2, "x": 1]), ("merge", ["a"], [:], "conf"), ("merge", ["nope"], [:], ""),
            ("dot_vals", ["host"], [:], ["host.a": 1]), ("valid_fileproto", ["salt://x"], [:], true),
            ("valid_fileproto", ["/x"], [:], false),
        ] as [(String, [Value], ValueMap, Value)])
    func looks(_ name: String, arguments: [Value], keywords: ValueMap, expected: Value) async throws {
        let value = try await ExecutionModule.config.call(
            name, arguments, keywords, facts: MemoryFacts(["a": "fact"]),
            configuration: ["a": "conf", "deep": ["x": 1], "host.a": 1],
            pillar: ["p": ["q": 1], "deep": ["y": 2], "master": ["m": "master"]])
        #expect(value.sortedMap == expected.sortedMap)
    }
}

extension Value {
    /// The same value with its maps in the order of their keys, for comparisons where order means nothing.
    var sortedMap: Value {
        switch self {
        case .map(let map):
            .map(
                ValueMap(
                    map.map { (key: $0.key, value: $0.value.sortedMap) }.sorted { $0.key.jsonKey < $1.key.jsonKey }))
        case .array(let elements): .array(elements.map(\.sortedMap))
        case .null, .bool, .int, .uint, .double, .string, .bytes: self
        }
    }
}
