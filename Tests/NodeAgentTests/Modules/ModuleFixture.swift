import MusterCore
import Synchronization
import Testing

@testable import NodeAgent

/// Answers programs from a table, by their words joined; others are "not installed".
struct ScriptedProcesses: ProcessRunning {
    var outputs: [String: String] = [:]

    func run(_ command: ProcessCommand) async throws -> ProcessResult {
        guard let output = outputs[command.arguments.joined(separator: " ")] else {
            throw FunctionError.failed(reason: "not installed")
        }
        return ProcessResult(processID: 1, exitCode: 0, output: Array(output.utf8), error: [], isOutputCut: false)
    }
}

struct NoJobs: RunningJobs {
    func find(_ job: JobID) async -> ValueMap? { nil }
    func all() async -> [ValueMap] { [] }
    func signal(_ job: JobID, _ signal: Int32) async -> Bool { false }
}

/// Facts in memory; `set` and `remove` change them at once.
actor MemoryFacts: FactsProvider {
    private var map: ValueMap
    init(_ map: ValueMap) { self.map = map }
    func facts() -> ValueMap { map }
    func refresh() {}
    func set(_ key: String, to value: Value) { map[key] = value }
    func remove(_ key: String) { map[key] = nil }
}

extension ExecutionModule {
    /// Calls a function the way the registry does: arguments are bound, then the body runs.
    func call(
        _ name: String, _ arguments: [Value] = [], _ keywords: ValueMap = [:],
        facts: any FactsProvider = MemoryFacts([:]),
        configuration: ValueMap = [:], pillar: ValueMap = [:], outputs: [String: String] = [:],
        processes: (any ProcessRunning)? = nil
    ) async throws -> Value {
        let function = try #require(functions.first { $0.name == name }, "no function \(name)")
        let call = FunctionCall("\(self.name).\(name)", arguments: arguments, keywords: keywords)
        let context = FunctionContext(
            node: try #require(NodeID("test")), job: nil, publication: [:], configuration: configuration, facts: facts,
            pillar: pillar, processes: processes ?? ScriptedProcesses(outputs: outputs), jobs: NoJobs(),
            call: { _ in throw FunctionError.failed(reason: "no other functions here") })
        return try await function.body(Arguments(call, to: function), context).value
    }
}
