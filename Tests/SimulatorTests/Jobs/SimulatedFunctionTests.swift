import MusterCore
import SaltProtocol
import Testing

@testable import Simulator

@Suite struct SimulatedFunctionTests {
    private let node = SimulatedFunction.Node(
        facts: { SimulatedFacts.facts(of: NodeID("sim00005")!, number: 5) },
        running: [
            RunningJob(
                try! PublishLoad(["fun": "test.sleep", "arg": [60], "tgt": "*", "jid": "20261121065700000001"]),
                processID: 10_005)
        ])

    @Test(
        "answers as a minion does",
        arguments: [
            ("test.ping", [], true), ("test.echo", ["hello"], "hello"), ("test.sleep", [3], true),
            ("test.version", [], .string(Muster.version)), ("cmd.run", ["rm -rf /"], "simulated: rm -rf /"),
            ("grains.get", ["role"], "web"), ("grains.get", ["ip4_interfaces:lo"], ["127.0.0.1"]),
            ("grains.get", ["none"], ""), ("grains.get", ["none", 7], 7),
            ("grains.item", ["os", "none"], ["os": "Ubuntu", "none": ""]),
            ("saltutil.find_job", ["20261121065700000002"], [:]),
            ("saltutil.kill_job", ["20261121065700000001"], "Signal 9 sent to job 20261121065700000001 at pid 10005"),
            ("saltutil.kill_job", ["20261121065700000002"], ""),
        ] as [(String, [Value], Value)])
    func answers(_ function: String, _ arguments: [Value], _ value: Value) {
        let answer = SimulatedFunction.answer(to: FunctionCall(saltFunction: function, arguments: arguments), on: node)
        #expect(answer == .init(value: value))
    }

    @Test func saysWhatRuns() {
        let found = SimulatedFunction.answer(
            to: FunctionCall(saltFunction: "saltutil.find_job", arguments: ["20261121065700000001"]), on: node)
        #expect(found.value["fun"] == "test.sleep")
        #expect(found.value["pid"] == 10_005)
        for (pattern, count) in [("test.*", 1), ("state.*", 0)] {
            let running = SimulatedFunction.answer(
                to: FunctionCall(saltFunction: "saltutil.is_running", arguments: [.string(pattern)]), on: node)
            #expect(running.value.array?.count == count)
        }
    }

    @Test func saysThatAnythingElseIsNotThere() {
        let answer = SimulatedFunction.answer(to: FunctionCall("state.apply"), on: node)
        #expect(answer == .init(value: "'state.apply' is not available.", returnCode: 1, outputter: "nested"))
    }

    @Test(
        "sleeps as long as it is told, within a day",
        arguments: [([5], 5), ([0.25], 0.25), (["2"], 2), ([-1], 0), ([1e9], 86_400), ([], 0)] as [([Value], Double)])
    func sleeps(_ arguments: [Value], _ seconds: Double) {
        let call = FunctionCall(saltFunction: "test.sleep", arguments: arguments)
        #expect(SimulatedFunction.duration(of: call).inSeconds == seconds)
        #expect(SimulatedFunction.duration(of: FunctionCall(saltFunction: "test.echo", arguments: arguments)) == .zero)
    }

    @Test("facts differ from node to node, and stay the same for each")
    func factsAreStable() {
        let facts = (1...200).map { SimulatedFacts.facts(of: NodeID("sim\($0)")!, number: $0) }
        #expect(facts[4] == SimulatedFacts.facts(of: NodeID("sim5")!, number: 5))
        for name in ["os", "role", "num_cpus", "datacenter", "rack"] {
            #expect(Set(facts.map { $0[name] }).count > 2, "\(name)")
        }
    }

    @Test("the answers of a compound call come by function, those that are the same for all from one template")
    func answersCompoundCalls() throws {
        let job = SharedJob(
            try PublishLoad([
                "fun": ["test.ping", "no.such"], "arg": [[], []], "tgt": "sim*", "jid": "20261121065700000003",
            ]))
        #expect(job.isFor(NodeID("sim1")!, facts: { [:] }, pillar: [:]))
        #expect(!job.isFor(NodeID("web1")!, facts: { [:] }, pillar: [:]))
        var asked = 0
        func subject() -> SimulatedFunction.Node {
            asked += 1
            return node
        }
        _ = job.answer(of: subject())
        _ = job.answer(of: subject())
        #expect(asked == 1)
    }
}
