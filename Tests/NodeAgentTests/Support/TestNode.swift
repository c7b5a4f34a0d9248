import Logging
import MusterCore
import NodeAgent

/// A node to call functions on: real programs, everything else made up.
struct TestNode {
    var configuration: ValueMap = ["id": "web1"]
    var facts = FixedFacts()
    var jobs = FixedJobs()
    var masters: any MasterActions = NoMasters()
    var job: JobID?
    var publication: ValueMap = [:]
    var registry = FunctionRegistry([.test, .cmd, .sys, .saltutil])
    let processes = ProcessRunner(logger: Logger(label: "test"), grace: .milliseconds(200))

    func call(
        _ function: String, _ arguments: [Value] = [], _ keywords: ValueMap = [:]
    ) async throws -> FunctionResult {
        try await registry.call(FunctionCall(function, arguments: arguments, keywords: keywords), in: context)
    }

    var context: FunctionContext {
        let node = self
        return FunctionContext(
            node: NodeID("web1")!, job: job, publication: publication, configuration: configuration, facts: facts,
            pillar: [:], processes: processes, jobs: jobs, functions: registry, masters: masters
        ) { call in try await node.registry.call(call, in: node.context) }
    }
}

/// Facts that do not change.
struct FixedFacts: FactsProvider {
    var map: ValueMap = ["os": "Debian", "kernel": "Linux"]
    func facts() async -> ValueMap { map }
    func refresh() async throws {}
    func set(_ key: String, to value: Value) async throws {}
    func remove(_ key: String) async throws {}
}

/// Running jobs that do not change; signals are always taken.
struct FixedJobs: RunningJobs {
    var running: [ValueMap] = []
    func find(_ job: JobID) async -> ValueMap? { running.first { $0["jid"]?.string == job.text } }
    func all() async -> [ValueMap] { running }
    func signal(_ job: JobID, _ signal: Int32) async -> Bool { true }
}
