import MusterCore
import MusterTestSupport
import Testing

@testable import MusterCLI

@Suite struct SaltProgramTests {
    private let fleet = FakeController { state in
        state.nodes = ids("db1", "web1", "web2")
        state.answers = [NodeID("web1")!: (true, 0), NodeID("db1")!: ("boom", 3)]
        state.outcomes = [NodeID("web2")!: .unreachable(.offline(since: FakeController.start))]
    }

    private static let noResponse = """
            Minion did not return. [No response]
            The minions may not have all finished running and any remaining minions will return upon completion. To look \
        up the return data for this job later, run the following command:
        \u{20}\u{20}\u{20}\u{20}
            muster jobs show 20261121093000000001
        """

    @Test func printsAsSaltDoes() async {
        let run = await run("*", "test.ping", as: "salt", on: fleet)
        #expect(
            run.output == """
                db1:
                    boom
                web1:
                    True
                web2:
                    Minion did not return. [Not connected]

                """)
        #expect(run.diagnostics == "ERROR: Minions returned with non-zero exit code\n")
        #expect(run.status == 1)
    }

    @Test func takesThePlaceOfSaltByName() async {
        let run = await run("as", "salt", "*", "test.ping", "--out", "txt", on: fleet)
        #expect(run.output == "db1: boom\nweb1: True\nweb2: Minion did not return. [Not connected]\n")
    }

    @Test func explainsSilenceAsSaltDoes() async {
        let controller = FakeController { $0.nodes = ids("a") }
        let run = await run("*", "test.ping", as: "salt", on: controller)
        #expect(run.output == "a:\n\(Self.noResponse)\n")
        #expect(run.status == 1)
    }

    @Test func hidesSilenceOnRequest() async {
        let run = await run("*", "test.ping", "--hide-timeout", as: "salt", on: fleet)
        #expect(run.output == "db1:\n    boom\nweb1:\n    True\n")
    }

    @Test func saysThatNothingMatched() async {
        let controller = FakeController { $0.publishError = .nothingMatched(target: "x") }
        let run = await run("x", "test.ping", as: "salt", on: controller)
        #expect(run.output == "No minions matched the target. No command was sent, no jid was assigned.\n")
        #expect(run.diagnostics == "ERROR: No return received\n")
        #expect(run.status == 2)
    }

    @Test func printsOneObjectWithStatic() async {
        let run = await run("*", "test.ping", "--static", "--out=json", as: "salt", on: fleet)
        #expect(run.output == "{\n    \"db1\": \"boom\",\n    \"web1\": true\n}\n")
        #expect(run.diagnostics == "Minion web2 did not respond.\n")
    }

    @Test func streamsObjectsWithJSON() async {
        let run = await run("*", "test.ping", "--out=json", "--out-indent=-1", "--hide-timeout", as: "salt", on: fleet)
        #expect(run.output == "{\"db1\": \"boom\"}\n{\"web1\": true}\n")
    }

    @Test func announcesTheJob() async {
        let verbose = await run("*", "test.ping", "-v", as: "salt", on: fleet)
        #expect(
            verbose.output.hasPrefix(
                "Executing job with jid 20261121093000000001\n-------------------------------------------\n\n"))
        let plain = FakeController { state in
            state.nodes = ids("a")
            state.answers = [NodeID("a")!: (1, 0)]
        }
        #expect(
            await run("*", "test.ping", "--show-jid", as: "salt", on: plain).output.hasPrefix(
                "jid: 20261121093000000001\n"))
        #expect(
            await run("*", "test.ping", "--async", as: "salt", on: plain).output
                == "Executed command with job ID: 20261121093000000001\n")
    }

    @Test func printsTheSummary() async {
        let run = await run("*", "test.ping", "--summary", as: "salt", on: fleet)
        #expect(
            run.output.hasSuffix(
                """
                \n\n-------------------------------------------
                Summary
                -------------------------------------------
                # of minions targeted: 3
                # of minions returned: 2
                # of minions that did not return: 1
                # of minions with errors: 1
                -------------------------------------------

                """))
    }

    @Test func printsTheNodesOfATarget() async {
        let run = await run("web*", "--preview-target", as: "salt", on: fleet)
        #expect(run.output == "- db1\n- web1\n- web2\n")
    }

    @Test func printsDocumentation() async {
        let controller = FakeController { state in
            state.nodes = ids("a", "b")
            state.answers = [
                NodeID("a")!: (["test.ping": "Says yes.", "test.echo": "Says it."], 0),
                NodeID("b")!: (["test.ping": "Says yes.", "test.none": nil], 0),
            ]
        }
        let run = await run("*", "-d", as: "salt", on: controller)
        #expect(run.output == "test.echo:\nSays it.\n\ntest.ping:\nSays yes.\n\n")
        #expect(controller.published.first?.calls == [FunctionCall("sys.doc")])
    }

    @Test func takesOptionsAnywhereAndInClusters() async {
        let controller = FakeController()
        _ = await run(
            "-Gt", "7", "os:Debian", "--batch-size=50%", "cmd.run", "ls -l", "--delimiter", "|", "cwd=/tmp",
            "--return=redis",
            "--", "-x", as: "salt", on: controller)
        let request = controller.published.first
        #expect(request?.target == Target(.facts, "os:Debian", delimiter: "|"))
        #expect(request?.timeout == .seconds(7))
        #expect(request?.batch == .percent(50))
        #expect(request?.returners == "redis")
        #expect(request?.calls == [FunctionCall("cmd.run", arguments: ["ls -l", "-x"], keywords: ["cwd": "/tmp"])])
    }

    @Test(
        "refuses what it does not do",
        arguments: [
            (["*", "test.ping", "--failhard"], "--failhard is not available here"),
            (["*", "test.ping", "-R"], "-R is not available here"),
            (["*", "test.ping", "--nope"], "no such option: --nope"),
            (["*", "test.ping", "-t"], "-t option requires 1 argument"),
            (["*", "test.ping", "-t", "x"], "invalid integer value: 'x'"),
            (["*", "test.ping", "-E", "-G"], "mutually exclusive"),
            (["*", "test.ping", "--ou=json"], "ambiguous option: --ou"),
        ] as [([String], String)])
    func refuses(words: [String], text: String) async {
        let console = RecordingConsole()
        let status = await MusterCLI.run(["/usr/bin/salt"] + words, in: .test(FakeController(), console))
        #expect(status == 64)
        #expect(console.diagnostics.contains(text))
        #expect(console.output.isEmpty)
    }

    @Test func writesToAFile() async throws {
        let directory = try TestDirectory()
        let path = directory.file("out")
        let run = await run("*", "test.ping", "--hide-timeout", "--out=txt", "--out-file", path, as: "salt", on: fleet)
        #expect(run.output.isEmpty)
        #expect(try Files.text(path) == "db1: boom\nweb1: True\n")
    }
}
