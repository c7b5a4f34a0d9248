import MCollectiveProtocol
import Testing

@testable import MusterCLI

@Suite("the command line of mco")
struct McoInvocationTests {
    private func parse(
        _ words: String..., application: any McoApplication.Type = RPCApplication.self, preset: [String] = []
    ) throws -> McoInvocation {
        try McoInvocation(words, options: McoOptions.all(for: application), presetDiscoveryOptions: preset)
    }

    @Test("options and words may be mixed, values may stick")
    func mixed() throws {
        let invocation = try parse(
            "rpcutil", "-t3", "ping", "--dt=4", "-vj", "--batch", "10%", "--batch-sleep", "0.5", "-T", "sub1", "--",
            "-1")
        #expect(invocation.words == ["rpcutil", "ping", "-1"])
        #expect(invocation.timeout == 3)
        #expect(invocation.discoveryTimeout == 4)
        #expect(invocation.isVerbose)
        #expect(invocation.output == .json)
        #expect(!invocation.showsProgress)
        #expect(invocation.batch == .percent(10))
        #expect(invocation.batchSleep == 0.5)
        #expect(invocation.collective == "sub1")
        #expect(invocation.limit == nil)
    }

    @Test(
        "every spelling of an option means the same",
        arguments: [
            ["--limit", "3"], ["--ln", "3"], ["--limit-nodes", "3"], ["--limit-n", "3"], ["--limit=3"],
        ])
    func spellings(_ words: [String]) throws {
        let invocation = try McoInvocation(words, options: McoOptions.all(for: RPCApplication.self))
        #expect(invocation.limit == .count(3))
    }

    @Test("filters are kept in their order")
    func filters() throws {
        let invocation = try parse(
            "-F", "os=Debian", "--wc", "/web/", "-A", "shell", "-I", "n1", "-W", "base cpus>=2", "-S", "a=b and c")
        #expect(invocation.filter.facts.map(\.fact) == ["os", "cpus"])
        #expect(invocation.filter.classes == [.text("/web/"), .text("base")])
        #expect(invocation.filter.agents == [.text("shell")])
        #expect(invocation.filter.identities == [.text("n1")])
        #expect(invocation.filter.compounds.count == 1)
    }

    /// The texts are those of `mco` 2.12.5 on Ruby 3.1.
    @Test(
        "what is wrong is told in the words of the original",
        arguments: [
            (["--foo"], "invalid option: --foo"), (["-x"], "invalid option: -x"), (["--dt"], "missing argument: --dt"),
            (["--dt", "x"], "invalid argument: --dt x"), (["--dt", "-c"], "invalid argument: --dt -c"),
            (["--disc"], "ambiguous option: --disc"), (["--batch", "x"], "invalid argument: --batch x"),
            (["--limit", "x"], "Invalid limit specified: x valid limits are /^d+%*$/"),
            (["--display", "x"], "--display has to be one of 'ok', 'all' or 'failed'"),
            (["--dm", "a", "--nodes", "/etc/hosts"], "Cannot mix --disc-method, --disc-option and --nodes"),
            (["--dm", "a", "--dm", "b"], "Discovery method is already set by a competing option"),
            (["--nodes", "/nonexistent"], "Cannot read the discovery file /nonexistent"),
            (["-F", "xx"], "Could not parse fact xx it does not appear to be in a valid format"),
        ])
    func refusals(_ words: [String], _ text: String) {
        #expect(throws: McoFailure(text)) {
            try McoInvocation(words, options: McoOptions.all(for: FindApplication.self))
        }
    }

    @Test("discovery options of the configuration stand in front")
    func preset() throws {
        #expect(try parse("--do", "b", preset: ["a"]).discoveryOptions == ["a", "b"])
        #expect(throws: McoFailure.self) { try parse("--nodes", "/etc/hosts", preset: ["a"]) }
    }

    @Test(
        "the configuration is found before anything is judged",
        arguments: [
            (["--foo", "-c", "a"], "a"), (["-ca"], "a"), (["--config=a", "--config", "b"], "b"),
            (["--", "-c", "a"], nil),
            ([], nil), (["-c"], nil),
        ] as [([String], String?)])
    func configuration(_ words: [String], _ file: String?) {
        #expect(McoInvocation.configurationFile(in: words) == file)
    }

    @Test(
        "words of the environment are split as a shell does",
        arguments: [
            ("-v  -t 3", ["-v", "-t", "3"]), (#"-F "a=b c" -C 'x y'z"#, ["-F", "a=b c", "-C", "x yz"]),
            (#"a\ b "q\"r" ''"#, ["a b", "q\"r", ""]), ("", []),
        ])
    func shellWords(_ text: String, _ words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
    }

    @Test("a quote that does not end is refused")
    func unmatchedQuote() { #expect(throws: McoFailure.self) { try ShellWords.split("a 'b") } }

    @Test("extra options come before the command line, which wins")
    func extraOptions() async {
        let console = RecordingConsole(variables: ["MCOLLECTIVE_EXTRA_OPTS": "--json --display ok"])
        let fleet = CapturedFleet.collective("")
        let run = await mco(["rpc", "rpcutil", "ping", "--display", "all"], in: fleet, console: console)
        #expect(run.output.hasPrefix("[{"))
        #expect(run.status == 0)
    }

    @Test(
        "arguments of actions are pairs",
        arguments: [("a=b", "a", "b"), ("a=b=c", "a", "b=c"), ("==b", "=", "b")])
    func pairs(_ text: String, _ name: String, _ value: String) throws {
        let pair = try #require(InputArgument.split(text))
        #expect(pair.name == name)
        #expect(pair.text == value)
    }

    @Test("what is no pair is refused", arguments: ["a", "a=", "=b", ""])
    func noPairs(_ text: String) { #expect(InputArgument.split(text) == nil) }
}
