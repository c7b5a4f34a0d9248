package import MusterCore
package import SaltProtocol

/// What simulated nodes give back for a function: nothing runs, nothing changes.
package enum SimulatedFunction {
    /// What an answer may depend on beside its arguments.
    package struct Node {
        package var facts: () -> ValueMap
        package var running: [RunningJob]

        package init(facts: @escaping () -> ValueMap, running: [RunningJob]) {
            self.facts = facts
            self.running = running
        }
    }

    /// One answer.
    package struct Answer: Hashable {
        package var value: Value
        package var returnCode = 0
        package var outputter: String?
    }

    /// Whether every node gives the same answer, so that one is enough for all of them.
    package static func isSameForAll(_ call: FunctionCall) -> Bool {
        !call.function.hasPrefix("grains.") && !call.function.hasPrefix("saltutil.")
    }

    /// Whether it is a question about jobs, which nodes answer at once, whatever else they do.
    package static func isQuestion(_ call: FunctionCall) -> Bool { call.function.hasPrefix("saltutil.") }

    /// How long the function itself takes: what `test.sleep` was given.
    package static func duration(of call: FunctionCall) -> Duration {
        guard call.function == "test.sleep" else { return .zero }
        let length = call.argument(0, "length")
        let seconds = length?.double ?? length?.string.flatMap(Double.init) ?? 0
        return .microseconds(Int64(min(max(seconds, 0), 86_400) * 1e6))
    }

    /// The job that is to be ended: what `saltutil.kill_job` and its like name.
    package static func endedJob(by call: FunctionCall) -> JobID? {
        guard ["saltutil.kill_job", "saltutil.term_job"].contains(call.function) else { return nil }
        return call.argument(0, "jid")?.string.flatMap { JobID($0) }
    }

    /// The answer of a node that does as it is told.
    package static func answer(to call: FunctionCall, on node: Node) -> Answer {
        switch call.function {
        case "test.ping", "test.sleep": Answer(value: true)
        case "test.echo": Answer(value: call.argument(0, "text") ?? "")
        case "test.version": Answer(value: .string(Muster.version))
        case "cmd.run": Answer(value: .string("simulated: \(call.argument(0, "cmd")?.pythonText ?? "")"))
        case "grains.items": Answer(value: .map(node.facts()))
        case "grains.get":
            Answer(
                value: FactPath.value(
                    at: call.argument(0, "key")?.pythonText ?? "", in: .map(node.facts()),
                    delimiter: call.keywords["delimiter"]?.string ?? ":") ?? call.argument(1, "default") ?? "")
        case "grains.item": Answer(value: .map(items(call, node.facts())))
        case "saltutil.find_job":
            Answer(
                value: call.argument(0, "jid")?.string.flatMap { JobID($0) }
                    .map { RunningJob.findJob($0, among: node.running) } ?? [:])
        case "saltutil.running": Answer(value: .array(node.running.map(\.value)))
        case "saltutil.is_running":
            Answer(value: .array(running(call.argument(0, "fun")?.pythonText ?? "", node.running)))
        case "saltutil.kill_job": Answer(value: .string(signalled(9, call, node.running)))
        case "saltutil.term_job": Answer(value: .string(signalled(15, call, node.running)))
        case let name:
            Answer(value: .string("'\(name)' is not available."), returnCode: 1, outputter: "nested")
        }
    }

    /// The answer of a node that fails.
    package static func failure(of call: FunctionCall) -> Answer {
        Answer(value: .string("simulated: \(call.function) fails here"), returnCode: 1)
    }

    private static func items(_ call: FunctionCall, _ facts: ValueMap) -> ValueMap {
        var found = ValueMap()
        for name in call.arguments.map(\.pythonText) {
            found[name] = FactPath.value(at: name, in: .map(facts), delimiter: ":") ?? ""
        }
        return found
    }

    private static func running(_ pattern: String, _ running: [RunningJob]) -> [Value] {
        let glob = Glob(pattern)
        return running.filter { $0.publish.calls.contains { glob.matches($0.function) } }.map(\.value)
    }

    private static func signalled(_ number: Int, _ call: FunctionCall, _ running: [RunningJob]) -> String {
        guard let id = endedJob(by: call), let job = running.first(where: { $0.publish.job == id }) else { return "" }
        return "Signal \(number) sent to job \(id) at pid \(job.processID)"
    }
}

extension FunctionCall {
    /// An argument by place or name.
    fileprivate func argument(_ place: Int, _ name: String) -> Value? {
        arguments.indices.contains(place) ? arguments[place] : keywords[name]
    }
}
