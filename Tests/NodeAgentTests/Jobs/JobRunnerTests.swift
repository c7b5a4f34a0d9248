import Glibc
import Logging
import MusterCore
import MusterTestSupport
import NodeAgent
import Synchronization
import Testing

@Suite struct JobRunnerTests {
    let gate = Gate()

    private func runner(_ limits: JobRunner.Limits = .init(), facts: ValueMap = [:]) -> JobRunner {
        let gate = self.gate
        let wait = ModuleFunction("wait", "Wait until the gate opens.") { _, _ in
            try await gate.wait()
            return FunctionResult("through")
        }
        let bad = ModuleFunction("bad", "Say that it failed.") { _, _ in FunctionResult(.map(["result": false])) }
        let crash = ModuleFunction("crash", "Fail.") { _, _ in throw Unforeseen() }
        let gates = ExecutionModule("gate", summary: "", functions: [wait, bad, crash])
        let logger = Logger(label: "test")
        return JobRunner(
            node: NodeID("web1")!, configuration: [:],
            registry: FunctionRegistry([.test, .cmd, .sys, .saltutil, gates]),
            facts: FixedFacts(map: facts), processes: ProcessRunner(logger: logger, grace: .milliseconds(200)),
            limits: limits, logger: logger)
    }

    private struct Unforeseen: Error, CustomStringConvertible { let description = "something unforeseen" }

    private func job(_ number: Int, _ calls: FunctionCall...) -> NodeJob {
        let id = JobID("202611210657002409\(number.digits(2))")!
        return NodeJob(id: id, calls: calls, publication: ["jid": .string(id.text), "fun": .string(calls[0].function)])
    }

    private let surroundings = JobRunner.Surroundings(pillar: [:], masters: NoMasters())

    @Test(
        "answers in Salt's words",
        arguments: [
            ("test.ping", [], true, 0, nil), ("test.retcode", [3], true, 3, nil),
            ("gate.bad", [], .map(["result": false]), 1, nil),
            ("no.such", [], "'no.such' is not available.", 1, "nested"),
            (
                "test.ping", [1],
                "Passed invalid arguments to test.ping: ping() takes 0 positional arguments but 1 was given", 1,
                "nested"
            ),
            (
                "cmd.run", ["id", "/no/such"], "ERROR: Specified cwd '/no/such' either not absolute or does not exist",
                1, "nested"
            ),
            ("test.exception", ["Oh"], "The minion function caused an exception: Exception: Oh", 1, "nested"),
            ("gate.crash", [], "The minion function caused an exception: something unforeseen", 1, "nested"),
        ] as [(String, [Value], Value, Int, String?)])
    func answers(_ function: String, _ arguments: [Value], _ value: Value, _ code: Int, _ outputter: String?) async {
        let answers = await runner().run(job(1, FunctionCall(function, arguments: arguments)), in: surroundings)
        #expect(answers.count == 1)
        // Wrong arguments are followed by the documentation.
        let answer = answers[0].value.string.map { Value.string(String($0.prefix { $0 != "\n" })) } ?? answers[0].value
        #expect(answer == value)
        #expect(answers[0].returnCode == code)
        #expect(answers[0].isSuccess == (code == 0))
        #expect(answers[0].outputter == outputter)
    }

    @Test func namesUnknownKeywords() async {
        let call = FunctionCall("test.ping", keywords: ["foo": "bar"])
        let answers = await runner().run(job(1, call), in: surroundings)
        #expect(
            answers[0].value == "ERROR executing 'test.ping': The following keyword arguments are not valid: foo=bar")
    }

    @Test func showsFunctionsWhoseNamesBeginAlike() async {
        let answers = await runner().run(job(1, FunctionCall("test.pin")), in: surroundings)
        #expect(answers[0].value.map?.keys == ["test.ping", "test.pin"])
        #expect(answers[0].value["test.pin"] == "'test.pin' is not available.")
        #expect(answers[0].returnCode == 1)
    }

    @Test func runsCompoundCallsInOrder() async {
        let compound = job(
            1, FunctionCall("test.ping"), FunctionCall("no.such"), FunctionCall("test.echo", arguments: ["x"]))
        let answers = await runner().run(compound, in: surroundings)
        #expect(answers.map(\.value) == [true, "'no.such' is not available.", "x"])
        #expect(answers.map(\.isSuccess) == [true, false, true])
    }

    @Test func givesFunctionsThePublishData() async {
        let answers = await runner().run(job(1, FunctionCall("test.kwarg")), in: surroundings)
        #expect(answers[0].value["__pub_fun"] == "test.kwarg")
    }

    @Test func obeysABlackout() async {
        let runner = runner(facts: ["minion_blackout": true, "minion_blackout_whitelist": ["test.ping"]])
        #expect(await runner.run(job(1, FunctionCall("test.ping")), in: surroundings)[0].value == true)
        let refused = await runner.run(job(2, FunctionCall("test.true")), in: surroundings)[0]
        #expect(refused.value.string?.contains("Minion in blackout mode") == true)
        #expect(refused.returnCode == 1)
    }

    @Test func showsAndEndsARunningJob() async throws {
        let runner = runner()
        let running = job(1, FunctionCall("gate.wait"), FunctionCall("test.ping"))
        async let answers = runner.run(running, in: surroundings)
        await gate.arrivals(1)
        #expect(await runner.find(running.id)?["fun"] == "gate.wait")
        #expect(await runner.all().count == 1)
        let other = job(2, FunctionCall("saltutil.kill_job", arguments: [.string(running.id.text)]))
        let text = await runner.run(other, in: surroundings)[0].value
        #expect(text == .string("Signal 9 sent to job \(running.id) at pid \(getpid())"))
        let ended: Value = "ERROR: the job was ended by signal 9"
        #expect(await answers.map(\.value) == [ended, ended])
        #expect(await answers.map(\.returnCode) == [137, 137])
        #expect(await runner.find(running.id) == nil)
    }

    @Test func signalsTheProgramsOfAJob() async throws {
        let directory = try TestDirectory()
        let runner = runner()
        // No fork after the trap is set: a child that gets the signal before it runs its program would answer too.
        let script = "sleep 60 & trap 'echo got it; exit 0' USR1; echo > \(directory.path)/ready; wait; wait"
        let running = job(1, FunctionCall("cmd.run", arguments: [.string(script)]))
        async let answers = runner.run(running, in: surroundings)
        while Files.status("\(directory.path)/ready") == nil { await Task.yield() }
        // The program may be ready before its parent has noted that it is there.
        while await runner.find(running.id)?["pid"]?.int == Int64(getpid()) { await Task.yield() }
        #expect(await runner.signal(running.id, SIGUSR1))
        #expect(await answers.map(\.value) == ["got it"])
    }

    @Test func endsAJobAtItsLimit() async {
        var limits = JobRunner.Limits()
        limits.time = .milliseconds(10)
        let answers = await runner(limits).run(job(1, FunctionCall("gate.wait")), in: surroundings)
        #expect(answers[0].value.string?.hasPrefix("ERROR: timed out after") == true)
        #expect(answers[0].returnCode == 1)
    }

    @Test func letsJobsWaitAndRefusesBeyondTheBound() async throws {
        var limits = JobRunner.Limits()
        (limits.running, limits.waiting) = (1, 1)
        let runner = runner(limits)
        async let first = runner.run(job(1, FunctionCall("gate.wait")), in: surroundings)
        await gate.arrivals(1)
        async let second = runner.run(job(2, FunctionCall("test.ping")), in: surroundings)
        while await runner.all().count < 2 { await Task.yield() }
        #expect(await runner.all().last?["queued"] == true)
        let third = await runner.run(job(3, FunctionCall("test.ping")), in: surroundings)[0]
        #expect(third.value.string?.contains("try again later") == true)
        #expect(third.returnCode == 1)
        // Looking after jobs is possible all the same.
        let shown = await runner.run(job(4, FunctionCall("saltutil.running")), in: surroundings)[0]
        #expect(shown.value.array?.count == 2)
        gate.open()
        #expect(await first[0].value == "through")
        #expect(await second[0].value == true)
    }

    @Test func endsAWaitingJob() async throws {
        var limits = JobRunner.Limits()
        limits.running = 1
        let runner = runner(limits)
        async let first = runner.run(job(1, FunctionCall("gate.wait")), in: surroundings)
        await gate.arrivals(1)
        let waiting = job(2, FunctionCall("test.ping"))
        async let second = runner.run(waiting, in: surroundings)
        while await runner.all().count < 2 { await Task.yield() }
        #expect(await runner.signal(waiting.id, SIGTERM))
        #expect(await second[0].value == "ERROR: the job was ended by signal 15")
        gate.open()
        #expect(await first[0].value == "through")
    }
}

/// Holds functions back until a test lets them through; cancellation lets them fail.
final class Gate: Sendable {
    private let arrived = AsyncStream.makeStream(of: Void.self)
    private let isOpen = Atomic(false)

    func wait() async throws {
        arrived.continuation.yield()
        while !isOpen.load(ordering: .relaxed) {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    func open() { isOpen.store(true, ordering: .relaxed) }

    /// Returns when so many have come.
    func arrivals(_ count: Int) async {
        var iterator = arrived.stream.makeAsyncIterator()
        for _ in 0..<count { await iterator.next() }
    }
}
