import MusterCore
import Testing

@testable import MusterCLI

@Suite struct RunCommandTests {
    /// Five nodes: three alike, one that failed, one that is gone.
    private let fleet = FakeController { state in
        state.nodes = ids("db1", "web1", "web2", "web3", "web4")
        state.answers = [
            NodeID("web1")!: ("Linux 6.1", 0), NodeID("web2")!: ("Linux 6.1", 0), NodeID("web3")!: ("Linux 6.1", 0),
            NodeID("db1")!: ("boom", 3),
        ]
        state.outcomes = [NodeID("web4")!: .unreachable(.offline(since: FakeController.start))]
    }

    @Test func foldsIdenticalAnswersAndCountsEveryOutcome() async {
        let run = await run("run", "*", "cmd.run", "uname -sr", on: fleet)
        #expect(
            run.output == """
                web1, web2, web3 (3):
                    Linux 6.1
                db1 failed, retcode 3:
                    boom

                """)
        #expect(
            run.diagnostics == """
                db1: failed (retcode 3)
                web4: unreachable: offline since 2026-11-21T09:30:00.000000Z
                3 ok, 1 failed, 1 unreachable of 5 · cmd.run · 0.42 s · job 20261121093000000001

                """)
        #expect(run.status == 2)
    }

    @Test func printsEachAnswerWithNoFold() async {
        let run = await run("run", "--no-fold", "*", "cmd.run", "uname -sr", on: fleet)
        #expect(
            run.output == """
                db1 failed, retcode 3:
                    boom
                web1:
                    Linux 6.1
                web2:
                    Linux 6.1
                web3:
                    Linux 6.1

                """)
    }

    @Test func printsOnlyTheSummaryOnRequest() async {
        let run = await run("run", "--summary", "*", "cmd.run", "uname -sr", on: fleet)
        #expect(
            run.output.hasSuffix("3 ok, 1 failed, 1 unreachable of 5 · cmd.run · 0.42 s · job 20261121093000000001\n"))
        #expect(!run.output.contains("Linux"))
        #expect(run.diagnostics.isEmpty)
    }

    @Test func printsJSONLinesWithStableKeys() async throws {
        let run = await run("run", "--json", "*", "test.ping", on: fleet)
        let lines = try run.output.split(separator: "\n").map { try JSON.value(String($0)) }
        #expect(
            lines.map { $0["type"]?.string } == ["job", "answer", "answer", "answer", "answer", "outcome", "summary"])
        #expect(lines[0]["expected"] == ["db1", "web1", "web2", "web3", "web4"])
        #expect(
            lines[1].map?.keys == [
                "type", "job", "node", "function", "outcome", "returnCode", "value", "received", "isExpected",
            ])
        #expect(lines[1]["outcome"] == "failed")
        #expect(lines[5]["reason"] == "unreachable: offline since 2026-11-21T09:30:00.000000Z")
        #expect(lines[6]["counts"] == ["ok": 3, "failed": 1, "unreachable": 1])
        #expect(run.diagnostics.isEmpty)
    }

    @Test func printsOtherLayoutsNodeByNode() async {
        let run = await run("run", "*", "cmd.run", "x", "--out", "txt", on: fleet)
        #expect(run.output == "db1: boom\nweb1: Linux 6.1\nweb2: Linux 6.1\nweb3: Linux 6.1\n")
    }

    @Test(
        "reads targets as Salt does",
        arguments: [
            ([], Target(.glob, "web*")),
            (["-E"], Target(.pcre, "web*")),
            (["--pcre"], Target(.pcre, "web*")),
            (["-L"], Target(.list, "web*")),
            (["-G"], Target(.facts, "web*")),
            (["--facts"], Target(.facts, "web*")),
            (["-P"], Target(.factsPCRE, "web*")),
            (["-I"], Target(.pillar, "web*")),
            (["-J"], Target(.pillarPCRE, "web*")),
            (["--pillar-exact"], Target(.pillarExact, "web*")),
            (["-S"], Target(.address, "web*")),
            (["-N"], Target(.nodegroup, "web*")),
            (["-C"], Target(.compound, "web*")),
            (["-G", "--delimiter", "|"], Target(.facts, "web*", delimiter: "|")),
        ] as [([String], Target)])
    func readsTargets(options: [String], target: Target) async {
        let controller = FakeController()
        _ = await MusterCLI.run(["muster", "run"] + options + ["web*", "test.ping"], in: .test(controller))
        #expect(controller.published.map(\.target) == [target])
    }

    @Test func readsAListByCommasOrBlanks() async {
        for list in ["a,b, c", "a b  c"] {
            let controller = FakeController()
            _ = await run("run", "-L", list, "test.ping", on: controller)
            #expect(controller.published.first?.target.expression == "a,b,c")
        }
    }

    @Test func passesArgumentsAndJobOptions() async {
        let controller = FakeController()
        _ = await run(
            "run", "*", "test.arg", "1", "[a, b]", "name=x y", "--timeout", "2.5", "--batch", "25%", "--allow-missing",
            on: controller)
        let request = controller.published.first
        #expect(request?.calls == [FunctionCall("test.arg", arguments: [1, ["a", "b"]], keywords: ["name": "x y"])])
        #expect(request?.timeout == .milliseconds(2500))
        #expect(request?.batch == .percent(25))
        #expect(request?.allowsMissing == true)
        #expect(request?.user == "tester")
    }

    @Test func passesSeveralFunctions() async {
        let controller = FakeController()
        _ = await run("run", "*", "test.ping,test.echo", ",", "hi", on: controller)
        #expect(
            controller.published.first?.calls == [
                FunctionCall("test.ping"), FunctionCall("test.echo", arguments: ["hi"]),
            ])
    }

    @Test func printsTheJobIDWithoutWaiting() async {
        let run = await run("run", "--async", "*", "test.ping", on: fleet)
        #expect(run.output == "20261121093000000001\n")
        #expect(run.status == 0)
    }

    @Test func previewsWithoutPublishing() async {
        let run = await run("run", "--preview", "*", "test.ping", on: fleet)
        #expect(run.output == "db1\nweb1\nweb2\nweb3\nweb4  (not connected)\n")
        #expect(run.diagnostics == "5 nodes, 4 connected\n")
        #expect(fleet.published.isEmpty)
        #expect(run.status == 0)
    }

    @Test func aPreviewNeedsNoFunction() async {
        let preview = await run("run", "--preview", "web1", on: FakeController { $0.nodes = ids("web1") })
        #expect(preview.diagnostics == "1 node, 1 connected\n")
        #expect(preview.status == 0)
        let job = await run("run", "web1", on: fleet)
        #expect(job.status == 64 && job.diagnostics.contains("<function>"))
    }

    @Test func saysThatAnInterruptedJobGoesOn() async {
        let controller = FakeController { state in
            state.nodes = ids("a", "b")
            state.hangs = true
        }
        let run = await run("run", "*", "test.sleep", "60", on: controller, interrupts: true)
        #expect(run.status == 130)
    }

    @Test(
        "ends with a status for each outcome",
        arguments: [
            (Outcome.timedOut, 3), (.unreachable(.neverConnected), 3), (.cancelled, 3), (.lost(reason: "x"), 3),
            (.refused(reason: "x"), 2), (.ok, 0),
        ] as [(Outcome, Int32)])
    func endsWithStatus(outcome: Outcome, status: Int32) async {
        let controller = FakeController { state in
            state.nodes = ids("a")
            state.outcomes = [NodeID("a")!: outcome]
        }
        #expect(await run("ping", on: controller).status == status)
    }

    @Test(
        "explains errors of the controller in one line",
        arguments: [
            (ControllerError.nothingMatched(target: "x*"), 4), (.unknownNodes(["x"]), 4),
            (.invalidTarget(expression: "(", reason: "unclosed"), 64), (.storeUnavailable(reason: "disk full"), 75),
        ] as [(ControllerError, Int32)])
    func explainsErrors(error: ControllerError, status: Int32) async {
        let controller = FakeController { $0.publishError = error }
        let run = await run("run", "x*", "test.ping", on: controller)
        #expect(run.status == status)
        #expect(run.diagnostics == "muster: \(error)\n")
    }

    @Test func endsCalmlyWhenNobodyReads() async {
        let run = await run(
            "run", "--no-fold", "*", "test.ping", on: fleet, console: RecordingConsole(linesUntilClosed: 2))
        #expect(run.status == 141)
        #expect(run.diagnostics.isEmpty)
    }

    @Test(
        "refuses a wrong command line",
        arguments: [
            ["run", "*"], ["run", "*", "test.ping", "--batch", "0"], ["run", "*", "test.ping", "--timeout", "-1"],
            ["run", "-E", "-G", "*", "test.ping"], ["run", "*", "test.ping", "--no-such"], ["no-such"],
            ["run", "*", "test.ping", "--out", "table"], ["run", "*", "a.b,c.d", "x"],
            ["jobs", "show", "123"], ["run", "*", "test.ping", "--config", "a", "--salt-config", "b"],
        ])
    func refusesWrongLines(words: [String]) async {
        let console = RecordingConsole()
        let status = await MusterCLI.run(["muster"] + words, in: .test(FakeController(), console))
        #expect(status == 64)
        #expect(console.output.isEmpty)
        #expect(!console.diagnostics.isEmpty)
    }
}
