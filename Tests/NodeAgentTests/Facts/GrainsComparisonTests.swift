import Foundation
import MusterCore
import Testing

@testable import NodeAgent

/// Compares with a real Salt on the same machine; `scripts/compare-grains.sh` runs this alone and prints the table.
@Suite("Facts beside a real Salt", .enabled(if: SaltCall.path != nil, "no salt-call 3008 in the peers' cache"))
struct GrainsComparisonTests {
    /// Of Python or of Salt's own installation: a native node has no such thing. `docs/grains.md` says which and why.
    static let missing: Set<String> = [
        "pythonexecutable", "pythonpath", "pythonversion", "saltpath", "zmqversion", "ca_truststore",
    ]
    /// Different by nature: another process.
    static let different: Set<String> = ["pid"]
    static let added: Set<String> = ["musterversion"]

    @Test("are those of salt-call on this machine")
    func compare() async throws {
        let salt = try await SaltCall.grains(id: "compare.example")
        let ours = await CoreFacts.gather(
            .system(processes: FoundationProcesses()), configuration: ["id": "compare.example", "master": "salt"])
        var rows: [String] = []
        for key in Set(salt.keys).union(ours.keys).sorted() {
            let verdict = Self.verdict(key, salt: salt[key], ours: ours[key])
            rows.append("| `\(key)` | \(verdict) |")
            switch verdict {
            case "missing": #expect(Self.missing.contains(key), "\(key) is missing")
            case "different":
                #expect(
                    Self.different.contains(key),
                    "\(key): salt \(JSON.text(salt[key] ?? .null)), ours \(JSON.text(ours[key] ?? .null))")
            case "added": #expect(Self.added.contains(key), "\(key) is not one of Salt's")
            default: break
            }
        }
        if let path = ProcessInfo.processInfo.environment["MUSTER_GRAINS_TABLE"] {
            try (rows.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        }
    }

    private static func verdict(_ key: String, salt: Value?, ours: Value?) -> String {
        switch (salt, ours) {
        case (_, nil): "missing"
        case (nil, _): "added"
        case (let salt?, let ours?): sorted(salt) == sorted(ours) ? "equal" : "different"
        }
    }

    /// Maps compare by key. The order of `fqdn_ip4` is that of a Python set, of no meaning.
    private static func sorted(_ value: Value) -> Value {
        switch value {
        case .map(let map):
            .map(
                ValueMap(
                    map.entries.map { (key: $0.key, value: sorted($0.value)) }
                        .sorted { $0.key.jsonKey < $1.key.jsonKey }))
        case .array(let elements): .array(elements.map(sorted))
        case .null, .bool, .int, .uint, .double, .string, .bytes: value
        }
    }
}

/// The real `salt-call` of the newest release, where the peers are installed.
enum SaltCall {
    static let path: String? = {
        let peers = "\(NSHomeDirectory())/.cache/muster/peers"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: peers)) ?? []
        return names.filter { $0.hasPrefix("salt-3008") }.sorted().reversed()
            .map { "\(peers)/\($0)/bin/salt-call" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    static func grains(id: String) async throws -> ValueMap {
        try #require(try await results(id: id, [["grains.items"]]).first?.map)
    }

    /// What Salt's `Caller`, which is `salt-call --local`, returns for several calls, in one process.
    static func results(id: String, _ calls: [[String]]) async throws -> [Value] {
        let tree = try FileTree()
        try "root_dir: \(tree.root)\nid: \(id)\nfile_client: local\nlog_level: quiet\n"
            .write(toFile: tree.path("minion"), atomically: true, encoding: .utf8)
        let script = """
            import json, sys, salt.client
            caller = salt.client.Caller(sys.argv[1])
            print(json.dumps([caller.cmd(call[0], *call[1:]) for call in json.loads(sys.argv[2])], default=list))
            """
        let process = Process()
        let python = URL(filePath: try #require(path)).deletingLastPathComponent().appending(path: "python3")
        process.executableURL = python
        let list = Value.array(calls.map { .array($0.map(Value.string)) })
        process.arguments = ["-c", script, tree.path("minion"), JSON.text(list)]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // Off the tests' threads: a Salt takes its time.
        let bytes = await blocking { Array(output.fileHandleForReading.readDataToEndOfFile()) }
        process.waitUntilExit()
        let last = try #require(String(decoding: bytes, as: UTF8.self).split(separator: "\n").last)
        return try #require(try JSON.value(String(last)).array)
    }
}
