import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Synchronization
import Testing

@testable import MusterCLI

@Suite("applications of mco for the agents of plugins")
struct PluginApplicationTests {
    /// Counts how often something was asked.
    private final class Counter: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock {
                $0 += 1; return $0
            }
        }
    }

    private func fleet(_ nodes: [String], _ answer: @escaping @Sendable (String, RPCRequest) -> RPCReply)
        -> FakeCollective
    {
        FakeCollective(nodes) { node, body in
            (try? RPCRequest(body: body, agent: "")).map { answer(node, $0).body }
        }
    }

    private func data(_ pairs: [(String, RubyValue)]) -> RubyHash { RubyHash(pairs.map { (.symbol($0.0), $0.1) }) }

    @Test(
        "changes of everything are asked about first",
        arguments: [
            (["package", "install", "vim"], "packages"), (["service", "ssh", "restart"], "services"),
            (["nettest", "ping", "example.org"], ""),
        ])
    func confirmation(_ words: [String], _ what: String) async {
        let question = what.isEmpty ? "perform network tests unfiltered" : "operate on \(what) unfiltered"
        for (answer, isDone) in [("y", true), ("YES", true), ("n", false), ("", false)] {
            let collective = fleet(["n1"]) { _, _ in RPCReply(data: [.symbol("status"): "running"]) }
            let run = await mco(words, in: collective, console: RecordingConsole(input: [answer]))
            #expect(run.output.contains("Do you really want to \(question)? (y/n): "))
            #expect(collective.calls.isEmpty == !isDone)
            #expect(isDone || run.status == 1)
        }
        let filtered = fleet(["n1"]) { _, _ in RPCReply(data: [.symbol("status"): "running"]) }
        let run = await mco(words + ["-I", "n1"], in: filtered)
        #expect(!run.output.contains("really"))
        #expect(filtered.calls.count == 1)
    }

    @Test("package and action come in either order, and versions are passed on")
    func package() async throws {
        for words in [["install", "vim"], ["vim", "install"]] {
            let collective = fleet(["n1"]) { _, _ in RPCReply(.aborted, message: "no such package") }
            let run = await mco(["package", "--pkgver", "9.0", "-I", "n1"] + words, in: collective)
            let call = try #require(collective.calls.first)
            let request = try RPCRequest(body: call.body, agent: "")
            #expect(request.action == "install")
            #expect(request.inputs == [.symbol("package"): "vim", .symbol("version"): "9.0"])
            #expect(run.output.contains("   n1: no such package\n"))
            #expect(run.status == 2)
        }
    }

    @Test("a service that does what it was told is not mentioned")
    func service() async {
        let collective = fleet(["n1", "n2"]) { node, _ in
            RPCReply(data: [.symbol("status"): node == "n1" ? "running" : "stopped"])
        }
        let run = await mco(["service", "ssh", "start", "-y", "--np"], in: collective)
        #expect(!run.output.contains("n1:"))
        #expect(run.output.contains("   n2: stopped\n"))
    }

    @Test(
        "what cannot be done is said",
        arguments: [
            (["puppet"], "Please specify a command."), (["puppet", "dance"], "Action must be count, enable"),
            (["puppet", "runonce", "--force", "--splay"], "Cannot set splay when forcing runs"),
            (["puppet", "runall"], "The runall command needs a concurrency limit"),
            (["puppet", "runall", "0"], "has to be greater than 0"), (["puppet", "resource", "user"], "needs a name"),
            (["package", "vim"], "Please specify package name and action"),
            (["service", "ssh", "dance"], "Action has to"),
            (["shell"], "Please specify an action"),
            (["nettest", "dance", "x"], "Action can only to be ping or connect"),
            (["filemgr", "status"], "The file option is mandatory"),
            (["inventory", "--script", "x"], "--script is Ruby"),
            (["plugin", "generate"], "only 'doc' and 'list' are here"),
        ])
    func refusals(_ words: [String], _ text: String) async {
        let collective = fleet(["n1"]) { _, _ in RPCReply() }
        let run = await mco(words, in: collective)
        #expect(run.diagnostics.contains(text))
        #expect(run.status == 1)
        #expect(collective.calls.isEmpty)
    }

    @Test("the options of a run become its inputs")
    func runOptions() async throws {
        let collective = fleet(["n1"]) { _, _ in RPCReply(data: [.symbol("summary"): "Started"]) }
        let words = "puppet runonce -I n1 --noop --no-splay --tags a --tag b --environment x --server y".split(
            separator: " ")
        let run = await mco(words.map(String.init), in: collective)
        let call = try #require(collective.calls.first)
        let request = try RPCRequest(body: call.body, agent: "")
        #expect(
            Set(request.inputs.pairs)
                == Set(
                    data([
                        ("noop", true), ("splay", false), ("server", "y"), ("environment", "x"), ("tags", "a,b"),
                    ]).pairs))
        #expect(run.status == 0)
    }

    @Test("all nodes are run, no more at once than wanted")
    func runAll() async throws {
        let collective = fleet(["n1", "n2"]) { _, request in
            request.action == "status"
                ? RPCReply(data: [.symbol("applying"): false, .symbol("lastrun"): 10])
                : RPCReply(data: [.symbol("summary"): "Started a run", .symbol("initiated_at"): 5])
        }
        let run = await mco(["puppet", "runall", "1"], in: collective)
        let lines = run.output.split(separator: "\n").map { String($0.dropFirst(21)) }
        #expect(
            lines == [
                "Running all nodes with a concurrency of 1", "Discovering enabled Puppet nodes to manage",
                "Found 2 enabled nodes", "n1 schedule status: Started a run", "n2 schedule status: Started a run",
                "Iteration complete. Initiated a Puppet run on 2 nodes.",
            ])
        let discovery = try #require(collective.calls.first)
        #expect(discovery.filter.compounds.first?.calls == [DataCall("puppet")])
        let runs = collective.calls.compactMap { try? RPCRequest(body: $0.body, agent: "") }.filter {
            $0.action == "runonce"
        }
        #expect(runs.allSatisfy { $0.inputs[.symbol("force")] == true })
    }

    @Test("a run that never begins is given up")
    func neverBegins() async {
        let collective = fleet(["n1", "n2"]) { _, request in
            request.action == "status"
                ? RPCReply(data: [.symbol("applying"): false, .symbol("lastrun"): 1])
                : RPCReply(data: [.symbol("initiated_at"): 5])
        }
        let run = await mco(["puppet", "runall", "1"], in: collective)
        #expect(run.output.contains("Host n1 did not move into an applying state. Skipping."))
        #expect(run.output.contains("n2 schedule status"))
    }

    @Test("what a command prints is shown as it comes, in whole lines")
    func tail() async {
        let asked = Counter()
        let collective = fleet(["n1"]) { _, request in
            guard request.action == "status" else { return RPCReply(data: [.symbol("handle"): "h1"]) }
            let isFirst = asked.next() == 1
            return RPCReply(data: [
                .symbol("stdout"): isFirst ? "one\ntw" : "o\nend", .symbol("stderr"): isFirst ? "" : "bad\n",
                .symbol("status"): .symbol(isFirst ? "running" : "stopped"),
            ])
        }
        let run = await mco(["shell", "run", "--tail", "--np", "date"], in: collective)
        #expect(run.output == "n1 stdout: one\nn1 stdout: two\nn1 stderr: bad\nn1 stdout: end\n")
        let offsets = collective.calls.compactMap { try? RPCRequest(body: $0.body, agent: "") }
            .filter { $0.action == "status" }.map { $0.inputs[.symbol("stdout_offset")] }
        #expect(offsets == [0, 6])
    }

    @Test("handles and what runs are listed by node")
    func handles() async {
        let job: RubyValue = .hash([(.symbol("command"), "sleep 9"), (.symbol("status"), .symbol("running"))])
        let collective = fleet(["n2", "n1"]) { _, request in
            RPCReply(
                data: request.action == "start"
                    ? [.symbol("handle"): "h1"] : [.symbol("jobs"): .hash(["h1": job])])
        }
        let started = await mco(["shell", "start", "--np", "sleep", "9"], in: collective)
        #expect(started.output.hasPrefix("n1: h1\nn2: h1\n"))
        let listed = await mco(["shell", "list", "--np", "-v"], in: collective)
        #expect(listed.output.hasPrefix("n1:\n    h1\n        command: sleep 9\n        status:  running\n\n"))
    }

    @Test(
        "numbers are shortened and distributed",
        arguments: [(999.0, "999.0"), (1500, "1.5k"), (1_795_200_000, "1795.2m"), (0, "0.0")])
    func short(_ number: Double, _ text: String) { #expect(PuppetSummary.short(number) == text) }

    @Test("what is little is still seen")
    func sparkline() {
        #expect(Sparkline.distribution([1, 1]) == String(repeating: "▁", count: 20))
        let values = Array(repeating: 0.0, count: 50) + [100]
        let line = Sparkline.distribution(values)
        #expect(line.first == "▇")
        #expect(line.contains("▂"))
        #expect(Sparkline.distribution([1e308, -1e308, .nan, .infinity]) == String(repeating: "▁", count: 20))
        #expect(Sparkline.text([0, 3, 6]) == "▁▄▇")
    }

    @Test("descriptions of a library directory win, and one that cannot be read is named")
    func library() throws {
        let directory = try TestDirectory()
        try Files.makeDirectory(directory.file("mcollective"))
        try Files.makeDirectory(directory.file("mcollective/agent"))
        let head =
            #"metadata :name => "rpcutil", :description => "mine", :author => "a", :license => "l", :version => "1", :url => "u", :timeout => 3"#
        try Files.write(Array(head.utf8), to: directory.file("mcollective/agent/rpcutil.ddl"))
        try Files.write(Array("action [1,2].each".utf8), to: directory.file("mcollective/agent/broken.ddl"))
        let library = DDLLibrary(directories: [directory.path])
        #expect(try library.description(.agent, "rpcutil").metadata.description == "mine")
        #expect(library.names(.agent).contains("broken"))
        #expect(throws: McoFailure.self) { try library.description(.agent, "broken") }
        #expect(throws: McoFailure("Can't find DDL for agent plugin '../x'")) {
            try library.description(.agent, "../x")
        }
        #expect(PluginList.text(library).contains("Plugin Load Errors:\n  agent/broken"))
        #expect(try DDLLibrary(directories: []).description(.data, "fstat").metadata.timeout > 0)
    }

    @Test("applications that are not there, and none at all")
    func noApplication() async {
        let collective = FakeCollective(settings: "libdir = /opt/plugins")
        let none = await mco([], in: collective)
        #expect(
            none.output.hasPrefix(
                "The Marionette Collective version 2.12.5\n\nusage: mco command <options>\n\nKnown commands:\n"))
        #expect(none.output.contains("   completion           describe_filter      facts               \n"))
        #expect(none.status == 0)
        let wrong = await mco(["dance"], in: collective)
        #expect(wrong.output.contains("Unknown command 'dance', searched for applications in:\n\n   /opt/plugins\n\n"))
        #expect(wrong.status == 1)
        for name in ["mc-ping", "muster as mc-ping"] {
            #expect(await mco(["--help"], in: collective, as: name).output.contains("Ping all nodes"))
        }
        #expect(
            await mco(["mco", "help"], in: collective, as: "muster").output.contains(
                "  ping            Ping all nodes\n"))
    }
}
