import MCollectiveProtocol
import Testing

@testable import MusterCLI

@Suite("answers that would command the terminal")
struct HostileReplyTests {
    private static let evil = "x\u{1b}]0;owned\u{7}\r\u{202e}"

    private func fleet(_ sender: String, _ reply: RPCReply) -> FakeCollective {
        FakeCollective([sender]) { _, _ in reply.body }
    }

    private func isSafe(_ text: String) -> Bool {
        !text.unicodeScalars.contains { ($0.value < 0x20 && $0 != "\n" && $0 != "\t") || $0 == "\u{202e}" }
    }

    @Test(
        "are written out on a terminal",
        arguments: [
            ["rpc", "--np", "rpcutil", "get_fact", "fact=a"], ["rpc", "-v", "--np", "rpcutil", "get_fact", "fact=a"],
            ["rpc", "-j", "rpcutil", "get_fact", "fact=a"], ["facts", "-v", "a"], ["find"], ["ping"],
            ["inventory", "--list-collectives"],
        ])
    func terminal(_ words: [String]) async {
        let console = RecordingConsole(terminals: [.output, .diagnostics], columns: 100)
        let data: RubyHash = [
            .symbol("fact"): .text(Self.evil), .symbol("value"): .text(Self.evil),
            .symbol("collectives"): [.text(Self.evil)], .symbol(Self.evil): .text(Self.evil),
        ]
        _ = await mco(words, in: fleet("n\(Self.evil)", RPCReply(data: data)), console: console)
        #expect(isSafe(console.everything), "\(console.everything.debugDescription)")
    }

    @Test("messages of failures too")
    func failures() async {
        let console = RecordingConsole(terminals: [.output, .diagnostics], columns: 100)
        let reply = RPCReply(.aborted, message: Self.evil)
        let run = await mco(
            ["rpc", "--np", "rpcutil", "ping"], in: fleet("n1", reply), console: console)
        #expect(isSafe(console.everything))
        #expect(run.output.contains(#"x\e]0;owned\x07\r\u202E"#))
        #expect(run.status == 2)
    }

    @Test("values stay as they are in a pipe, names do not")
    func piped() async {
        let data: RubyHash = [.symbol("value"): .text(Self.evil)]
        let run = await mco(
            ["rpc", "--np", "rpcutil", "get_fact", "fact=a"], in: fleet("n\u{1b}", RPCReply(data: data)))
        #expect(run.output.contains("Value: \(Self.evil)"))
        #expect(run.output.contains(#"n\e"#))
    }

    @Test(
        "bodies that are no answers fail for that node alone",
        arguments: [
            "text", [], .hash([:]), .hash([.symbol("statuscode"): "0"]),
            .hash([.symbol("statuscode"): 0, .symbol("data"): "x"]),
        ]
            as [RubyValue])
    func malformed(_ body: RubyValue) async {
        let collective = FakeCollective(["n1", "n2"]) { node, _ in
            node == "n1" ? body : RPCReply(data: [.symbol("pong"): 7]).body
        }
        let run = await mco(["rpc", "--np", "rpcutil", "ping"], in: collective)
        #expect(run.output.contains("Unknown Request Status"))
        #expect(run.output.contains("Timestamp: 7"))
        #expect(run.output.contains("Finished processing 2 / 2 hosts"))
        #expect(run.status == 2)
    }

    @Test("answers of the wrong kind are shown, not trusted")
    func wrongKinds() async {
        let data: RubyHash = [
            .symbol("agents"): "none", .symbol("facts"): 3, .symbol("classes"): .null, .symbol("data_plugins"): [1],
            .symbol("collectives"): 7, .symbol("starttime"): "now", .symbol("times"): "never",
        ]
        let run = await mco(["inventory", "n1"], in: fleet("n1", RPCReply(data: data)))
        #expect(run.output.contains("No agents installed"))
        #expect(run.output.contains("No facts known"))
        #expect(run.status == 0)
    }
}
