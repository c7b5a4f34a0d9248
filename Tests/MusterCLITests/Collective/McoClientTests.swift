import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@testable import MusterCLI

@Suite("how mco asks")
struct McoClientTests {
    private static let twelve = (1...12).map { "n\($0)" }

    private func fleet(_ nodes: [String], _ settings: String = "") -> FakeCollective {
        FakeCollective(nodes, settings: settings) { _, _ in
            RPCReply(data: [.symbol("pong"): 1]).body
        }
    }

    private func recipients(_ collective: FakeCollective) -> [CollectiveCall.Recipients] {
        collective.calls.map(\.recipients)
    }

    @Test("a few nodes are asked one by one, many at once with the filter")
    func threshold() async throws {
        let few = fleet(Array(Self.twelve.prefix(10)))
        _ = await mco(["rpc", "rpcutil", "ping", "-F", "a=b"], in: few)
        #expect(recipients(few) == [.everybody, .nodes(Array(Self.twelve.prefix(10)))])
        let many = fleet(Self.twelve)
        let run = await mco(["rpc", "rpcutil", "ping", "-F", "a=b"], in: many)
        #expect(recipients(many) == [.everybody, .everybody])
        let call = try #require(many.calls.last)
        #expect(call.filter.facts.map(\.fact) == ["a"])
        #expect(call.filter.agents == [.text("rpcutil")])
        #expect(call.filter.collective == nil)
        #expect(run.output.contains("Finished processing 12 / 12 hosts"))
    }

    @Test("discovery says which collective it is for")
    func discoveryFilter() async throws {
        let collective = fleet(["n1"])
        _ = await mco(["find", "-T", "sub1", "-A", "shell"], in: collective)
        let call = try #require(collective.calls.first)
        #expect(call.agent == "discovery")
        #expect(call.body == "ping")
        #expect(call.collective == "sub1")
        #expect(call.filter.collective == "sub1")
        #expect(call.filter.agents == [.text("shell"), .text("rpcutil")])
    }

    @Test("nodes that are named are not looked for")
    func identities() async throws {
        let collective = fleet(Self.twelve)
        let run = await mco(["rpc", "rpcutil", "ping", "--np", "-I", "n2", "-I", "n3"], in: collective)
        #expect(recipients(collective) == [.nodes(["n2", "n3"])])
        #expect(run.diagnostics.isEmpty)
        let pattern = fleet(["n2"])
        _ = await mco(["rpc", "rpcutil", "ping", "-I", "/n2/"], in: pattern)
        #expect(recipients(pattern).first == .everybody)
    }

    @Test("the request is the one that nodes know")
    func body() async throws {
        let collective = fleet(["n1"])
        _ = await mco(["rpc", "rpcutil", "get_fact", "fact=os", "--ttl", "7", "-I", "n1"], in: collective)
        let call = try #require(collective.calls.first)
        let request = try RPCRequest(body: call.body, agent: "")
        #expect(request.caller == "uid=0")
        #expect(request.inputs == [.symbol("fact"): "os"])
        #expect(request.wantsReply == true)
        #expect(call.ttl == 7)
        #expect(call.agent == "rpcutil")
    }

    @Test("batches go one after the other, and the first to answer may be enough")
    func shares() async throws {
        let batched = fleet(["n1", "n2", "n3"])
        let run = await mco(["rpc", "rpcutil", "ping", "--batch", "2", "--np"], in: batched)
        #expect(recipients(batched) == [.everybody, .nodes(["n1", "n2"]), .nodes(["n3"])])
        #expect(run.output.contains("3 / 3 hosts"))
        let configured = fleet(["n1", "n2", "n3"], "default_batch_size = 1")
        _ = await mco(["rpc", "rpcutil", "ping"], in: configured)
        #expect(recipients(configured).count == 4)
        let one = fleet(Self.twelve)
        _ = await mco(["rpc", "rpcutil", "ping", "-1"], in: one)
        #expect(recipients(one) == [.everybody, .nodes(["n1"])])
        let random = fleet(
            (1...10).map { "node\($0)" }, "rpclimitmethod = random")
        _ = await mco(["rpc", "rpcutil", "ping", "--limit", "3", "--limit-seed", "10"], in: random)
        #expect(recipients(random).last == .nodes(["node9", "node4", "node8"]))
    }

    @Test("without direct addressing everything is a broadcast, and batches are refused")
    func broadcastsOnly() async throws {
        let collective = fleet(["n1"], "direct_addressing = 0")
        _ = await mco(["rpc", "rpcutil", "ping", "-I", "n1"], in: collective)
        #expect(recipients(collective) == [.everybody])
        let batched = await mco(["rpc", "rpcutil", "ping", "--batch", "1"], in: collective)
        #expect(batched.status == 1)
        #expect(batched.diagnostics.contains("Batched requests requires direct addressing"))
        let listed = await mco(["find", "--dm", "stdin"], in: collective)
        #expect(listed.diagnostics.contains("Custom discovery methods require direct addressing mode"))
    }

    @Test("names come from a pipe, in lines or as JSON, unless a method is chosen")
    func standardInput() async throws {
        let collective = fleet(["n1", "n2", "n3"])
        let text = await mco(["find"], in: collective, console: RecordingConsole(pipedInput: ["n1", "n3"]))
        #expect(text.output == "n1\nn3\n")
        let json = await mco(
            ["rpc", "rpcutil", "ping", "--np"], in: collective,
            console: RecordingConsole(pipedInput: [#"[{"sender":"n2"}]"#]))
        #expect(json.output.contains("Finished processing 1 / 1 hosts"))
        #expect(recipients(collective).last == .nodes(["n2"]))
        let chosen = await mco(["find", "--dm", "mc"], in: collective, console: RecordingConsole(pipedInput: ["n1"]))
        #expect(chosen.output == "n1\nn2\nn3\n")
        let filtered = await mco(
            ["find", "-F", "a=b"], in: collective, console: RecordingConsole(pipedInput: ["n1"]))
        #expect(filtered.diagnostics.contains("Cannot use fact filters while using the 'stdin' discovery method"))
    }

    @Test("Ctrl-C ends with what has come", arguments: ["ping", "rpc rpcutil ping --np -I n1 -I gone"])
    func interrupted(_ line: String) async throws {
        let collective = FakeCollective(["n1"], isTimeless: true) { _, _ in RPCReply(data: [.symbol("pong"): 1]).body }
        let run = await mco(line.split(separator: " ").map(String.init), in: collective, interrupts: true)
        #expect(run.status == 0 || run.status == 4 || run.status == 3)
        #expect(run.output.contains("ping statistics") || run.output.contains("Finished processing"))
    }

    @Test("Ctrl-C while nodes are looked for sends nothing to those who have answered")
    func interruptedDiscovery() async throws {
        let collective = FakeCollective(["n1"], isTimeless: true) { _, _ in RPCReply(data: [.symbol("pong"): 1]).body }
        let run = await mco(["rpc", "rpcutil", "ping"], in: collective, interrupts: true)
        #expect(run.status == 1)
        #expect(collective.calls.map(\.agent) == ["discovery"])
    }

    @Test("without results a limit counts, and batches are refused")
    func noResults() async throws {
        let collective = fleet(["n1", "n2", "n3"])
        let one = await mco(["rpc", "--nr", "-1", "rpcutil", "ping"], in: collective)
        #expect(one.status == 0)
        #expect(recipients(collective).last == .nodes(["n1"]))
        let batched = await mco(["rpc", "--nr", "--batch", "1", "rpcutil", "ping"], in: collective)
        #expect(batched.status == 1)
        #expect(batched.diagnostics.contains("Cannot bypass result processing for batched requests"))
    }

    @Test("a broker that cannot be reached is one line")
    func unreachable() async {
        struct Broken: Error, CustomStringConvertible { let description = "no connection to broker:61613" }
        let run = await mco(["ping"], in: FakeCollective(failure: Broken()))
        #expect(
            run.diagnostics
                == "\nThe ping application failed to run, use -v for full error backtrace details: no connection to broker:61613\n"
        )
        #expect(run.status == 1)
    }

    @Test("data plugins in a filter are checked before anybody is asked")
    func dataPlugins() async {
        let collective = fleet(["n1"])
        for (filter, text) in [
            ("nosuch('x').a=1", "Can't find DDL for data plugin 'nosuch_data'"),
            ("fstat('/etc/hosts').nosuch=1", "the data plugin fstat gives no 'nosuch'"),
        ] {
            let run = await mco(["find", "-S", filter], in: collective)
            #expect(run.diagnostics.contains(text))
            #expect(run.status == 1)
        }
        #expect(collective.calls.isEmpty)
    }
}
