import MusterCore
import Synchronization
import Testing

@testable import MusterCLI

@Suite(.timeLimit(.minutes(1))) struct LocalCallTests {
    @Test("an interrupt ends what was called, and the program with 130", arguments: ["muster", "salt-call"])
    func interrupted(_ program: String) async {
        let wasCancelled = Atomic(false)
        let words = program == "muster" ? ["call", "test.sleep"] : ["test.sleep"]
        let console = RecordingConsole()
        var context = CommandContext.test(FakeController(), console)
        context.interrupts = { AsyncStream { $0.yield() } }
        context.roles.call = { _, _ in
            // Ends only by being cancelled.
            while !Task.isCancelled { await Task.yield() }
            wasCancelled.store(true, ordering: .relaxed)
            return FunctionResult("ended", returnCode: 1)
        }
        #expect(await MusterCLI.run([program] + words, in: context) == 130)
        #expect(console.output.isEmpty)
        let hasEnded = wasCancelled.load(ordering: .relaxed)
        #expect(hasEnded)
    }

    @Test("results that cannot be written are a failure with its reason; a reader that has gone is none")
    func outputFails() async {
        let full = RecordingConsole(linesUntilClosed: 0, failure: .failed("no space left"))
        let failed = await run("call", "test.ping", console: full)
        #expect(failed.status == 1 && failed.diagnostics == "muster: no space left\n")
        let closed = await run("call", "test.ping", console: RecordingConsole(linesUntilClosed: 0))
        #expect(closed.status == 141 && closed.diagnostics.isEmpty)
    }
}
