import MusterCore
import Testing

@testable import MusterCLI

@Suite struct OtherCommandTests {
    private let fleet = FakeController { state in
        state.nodes = ids("a", "b", "c")
        state.answers = [NodeID("a")!: (true, 0), NodeID("b")!: ("no", 2)]
        state.events = [
            .events([Event(sequence: 7, tag: "salt/key", time: FakeController.start, data: ["id": "a"])]),
            .gap(after: 7, count: 3), .gap(after: 90, count: 0),
        ]
    }
    private let job = FakeController.job.text

    @Test func listsJobs() async throws {
        let done = await run("jobs", on: fleet)
        #expect(
            done.output == """
                JOB                   PUBLISHED            USER    FUNCTION   TARGET  NODES  OUTCOMES
                20261121093000000001  2026-11-21 09:30:00  tester  test.ping  *       3      1 ok, 1 failed, 1 timed-out

                """)
        let line = try JSON.value(await run("jobs", "list", "--json", on: FakeController()).output.dropLast().utf8)
        #expect(line.map?.keys == ["job", "calls", "target", "user", "published", "ended", "expected", "counts"])
    }

    @Test func showsAJobWithItsStatus() async {
        let done = await run("jobs", "show", job, on: fleet)
        #expect(done.status == 2)
        #expect(done.output == "a:\n    True\nb failed, retcode 2:\n    no\n")
        #expect(await run("jobs", "show", "20260101000000000000", on: fleet).status == 4)
    }

    @Test func explainsANode() async {
        let done = await run("jobs", "why", job, "c", on: fleet)
        #expect(
            done.output == """
                2026-11-21 09:30:00  published
                2026-11-21 09:30:05  asked whether the job runs
                c: timed-out: connected, but no answer and no sign that the job runs

                """)
    }

    @Test func explainsEveryNodeThatDidNotSucceed() async {
        let done = await run("jobs", "why", job, on: fleet)
        #expect(done.status == 0)
        #expect(
            done.output.split(separator: "\n").filter { !$0.hasPrefix("2026") }.map { $0.prefix(2) } == ["b:", "c:"])
    }

    @Test(
        "a word that should name a command and names none",
        arguments: [
            (["fleet"], "muster: there is no command 'muster fleet' ('muster --help' lists them)\n"),
            (
                ["job", "list"],
                "muster: there is no command 'muster job': is 'jobs' meant? ('muster --help' lists them)\n"
            ),
            (
                ["jobs", "shwo", "20261121103822905997"],
                "muster: there is no command 'muster jobs shwo': is 'show' meant? ('muster jobs --help' lists them)\n"
            ),
            (
                ["serve", "nod"],
                "muster: there is no command 'muster serve nod': is 'node' meant? ('muster serve --help' lists them)\n"
            ),
        ])
    func namesUnknownCommands(words: [String], message: String) async {
        let console = RecordingConsole()
        #expect(await MusterCLI.run(["muster"] + words, in: .test(FakeController(), console)) == 64)
        #expect(console.diagnostics == message)
    }

    @Test func tellsItsVersion() async {
        #expect(await run("--version").output == "muster \(Muster.version)\n")
    }

    @Test func saysWhereTheAnswersAreWhenTheControllerGoes() async {
        let lost = FakeController { $0.followError = LostController() }
        let done = await run("run", "*", "test.ping", on: lost)
        #expect(done.status == 69)
        #expect(done.diagnostics.contains("'muster jobs show \(job)' shows their answers"))
    }

    @Test func waitsNoLongerThanItMay() async {
        #expect(await run("jobs", "wait", job, on: fleet).status == 2)
    }

    @Test func rerunsForThoseThatDidNotSucceed() async {
        _ = await run("jobs", "rerun", job, "--failed", "--silent", on: fleet)
        #expect(fleet.published.first?.target == Target(.list, "b,c"))
        #expect(fleet.published.first?.calls == [FunctionCall("test.ping")])
    }

    @Test func cancels() async {
        #expect(await run("jobs", "cancel", job, on: fleet).status == 0)
        #expect(fleet.cancelled == [FakeController.job])
    }

    @Test func printsEventsAndGaps() async {
        let done = await run("events", "--tag", "salt/*", "--from", "6", on: fleet)
        #expect(done.output == "7 2026-11-21 09:30:00 salt/key {\"id\": \"a\"}\n")
        #expect(
            done.diagnostics
                == "3 events after number 7 are gone: they were not read in time\n"
                + "there is no event 90 yet: these are what comes from now on\n")
        #expect(fleet.eventQueries == [EventQuery(tag: "salt/*", after: 6, follows: true)])
        #expect(await run("events", "--json", on: fleet).output.contains("{\"gap\": {\"after\": 7, \"count\": 3}}\n"))
    }

    @Test func listsNodes() async {
        let done = await run("nodes", on: fleet)
        #expect(done.output.split(separator: "\n").count == 4)
        #expect(
            done.output.contains(
                "a     yes        2026-11-21 09:30:00  10.0.0.1:4242  accepted  Debian 12  Muster 0.1.0"))
        #expect(await run("nodes", "show", "zz", on: fleet).status == 4)
    }

    @Test func callsHere() async {
        let done = await run(
            "call", "test.arg", "1", "x=2", "--set", "id=me",
            call: { call, role in
                FunctionResult(
                    [call.arguments[0], call.keywords["x"] ?? .null, role.overrides["id"] ?? .null], returnCode: 1)
            })
        #expect(done.output == "local:\n    - 1\n    - 2\n    - me\n")
        #expect(done.status == 2)
    }

    @Test func explainsAConfiguration() async {
        let done = await run("doctor")
        #expect(
            done.output == """
                /etc/salt/master:
                KEY             VERDICT     EXPLANATION
                interface       understood  listens on 0.0.0.0
                worker_threads  ignored     one loop a core

                """)
        #expect(done.diagnostics == "1 understood, 1 ignored\n")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func printsCompletions(shell: String) async {
        let done = await run("completion", shell)
        #expect(done.status == 0)
        #expect(done.output.contains("muster"))
    }

    @Test func printsHelpAndVersion() async {
        let help = await run("run", "--help")
        #expect(help.status == 0)
        #expect(help.output.contains("--preview"))
        #expect(help.diagnostics.isEmpty)
        #expect(await run("version").output.hasPrefix("muster "))
        #expect(await run().status == 0)
    }

    @Test func writesConfigurationsForADemo() throws {
        #expect(
            DemoFleet.controllerText("/tmp/x", publish: 1, request: 2).contains("publish_port: 1\nrequest_port: 2\n"))
        #expect(DemoFleet.nodeText("/tmp/x", name: "node1", request: 2).contains("controllers: [\"127.0.0.1:2\"]\n"))
    }
}
