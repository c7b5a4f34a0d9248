import MusterCore
import Synchronization
import Testing

@testable import MusterCLI

@Suite struct SimulateCommandTests {
    private static func event(_ kind: SimulationEvent.Kind, change: (inout SimulationCounts) -> Void) -> SimulationEvent
    {
        var counts = SimulationCounts()
        change(&counts)
        return SimulationEvent(kind, seconds: 2, counts: counts)
    }

    @Test("hands on what the options say")
    func readsOptions() async {
        let settings = Mutex<SimulationSettings?>(nil)
        let run = await run(
            "simulate", "50", "--controller", "[::1]:5506", "--prefix", "load", "--first", "100", "--think", "50ms",
            "--silent", "10%", "--failing", "2.5", "--sign-ins", "8", "--key", "/tmp/k.pem", "--accept-into",
            "/tmp/pki",
            "--request-connections", "5", "--no-start", "--seed", "7", "--hold", "100",
            simulate: { given, _ in settings.withLock { $0 = given } })
        #expect(run.status == 0)
        var expected = SimulationSettings(count: 50)
        expected.names.prefix = "load"
        expected.names.first = 100
        (expected.host, expected.requestPort) = ("::1", 5506)
        expected.keys.file = "/tmp/k.pem"
        expected.keys.acceptInto = "/tmp/pki"
        expected.signIn.concurrency = 8
        expected.behaviour.think = .milliseconds(50)
        expected.behaviour.silentPercent = 10
        expected.behaviour.failingPercent = 2.5
        expected.behaviour.startsUp = false
        expected.behaviour.heldAnswers = 100
        expected.requestConnections = 5
        expected.seed = 7
        #expect(settings.withLock { $0 } == expected)
    }

    @Test(
        "refuses what makes no sense",
        arguments: [
            ["0"], ["100001"], ["5", "--controller", "a:b:c"], ["5", "--prefix", "a/b"], ["5", "--processes", "0"],
            ["5", "--silent", "60", "--failing", "41"], ["5", "--silent", "101"], ["5", "--think", "soon"],
            ["5", "--blind"], ["5", "--sign-ins", "0"], ["5", "--key", "k", "--own-keys"], ["5", "--first=-1"],
            ["5", "--request-connections", "0"], ["5", "--hold=-1"], ["5", "--hold", "1281"],
        ])
    func refuses(_ words: [String]) async {
        let run = await run(words: ["simulate"] + words)
        #expect(run.status == ExitStatus.usage.rawValue)
        #expect(!run.diagnostics.isEmpty)
    }

    @Test func saysWhatWasReachedAndSumsUp() async {
        let run = await run(
            "simulate", "4",
            simulate: { _, report in
                report(Self.event(.signedIn) { ($0.nodes, $0.signedIn) = (4, 4) })
                report(Self.event(.connected) { ($0.nodes, $0.connected) = (4, 4) })
                report(
                    Self.event(.ended) { counts in
                        (counts.nodes, counts.jobs, counts.returns, counts.signIns) = (4, 1, 4, 4)
                        counts.repeats = 2
                    })
            })
        #expect(
            run.output == """
                4 nodes signed in after 2.00 s, 2 a second
                4 nodes connected after 2.00 s
                4 nodes, 1 jobs, 4 returns acknowledged, 4 sign-ins, 2 requests repeated in 2.00 s

                """)
    }

    @Test("says once what somebody must do when nobody looks at a terminal")
    func asksForAcceptance() async {
        let run = await run(
            "simulate", "4",
            simulate: { _, report in
                for pending in [3, 4, 4] { report(Self.event(.counts) { ($0.nodes, $0.pending) = (4, pending) }) }
            })
        #expect(run.diagnostics == "keys wait to be accepted (muster keys accept, salt-key -A)\n")
    }

    @Test func printsLinesForScripts() async {
        let event = Self.event(.connected) { ($0.nodes, $0.connected) = (4, 4) }
        let run = await run("simulate", "4", "--json", simulate: { _, report in report(event) })
        #expect(run.output == event.line + "\n")
        #expect(run.diagnostics.isEmpty)
    }

    @Test("a sign-in run succeeds only when every node got in", arguments: [(4, 0), (3, 1)] as [(Int, Int32)])
    func failsWhenSomeStayOut(_ signedIn: Int, _ status: Int32) async {
        let run = await run(
            "simulate", "4", "--sign-in-only",
            simulate: { _, report in report(Self.event(.ended) { ($0.nodes, $0.signedIn) = (4, signedIn) }) })
        #expect(run.status == status)
    }

    @Test func endsWellWithAnInterrupt() async {
        let run = await run(
            "simulate", "4", interrupts: true,
            simulate: { _, report in
                let (stream, continuation) = AsyncStream<Never>.makeStream()
                for await _ in stream {}
                continuation.finish()
                report(Self.event(.ended) { $0.nodes = 4 })
            })
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("4 nodes, "))
    }

    @Test("tells an unreachable controller from other failures")
    func explainsErrors() async {
        let run = await run(
            "simulate", "4",
            simulate: { _, _ in throw SimulationError.unreachable(endpoint: "127.0.0.1:4506", reason: "refused") })
        #expect(run.status == ExitStatus.unreachable.rawValue)
        #expect(run.diagnostics == "muster: no controller answers at 127.0.0.1:4506: refused\n")
    }
}
