import Glibc
import Logging
import MusterCore
import MusterTestSupport
import NodeAgent
import Synchronization
import Testing

@Suite struct ProcessRunnerTests {
    let runner = ProcessRunner(logger: Logger(label: "test"), grace: .milliseconds(200))

    private func shell(_ script: String) -> ProcessCommand { ProcessCommand(["/bin/sh", "-c", script]) }

    @Test func collectsOutputErrorAndExitCode() async throws {
        let result = try await runner.run(shell("echo out; echo err >&2; exit 3"))
        #expect(result.output == Array("out\n".utf8))
        #expect(result.error == Array("err\n".utf8))
        #expect(result.exitCode == 3)
        #expect(!result.isOutputCut)
        #expect(result.processID > 1)
    }

    @Test func givesMinusTheSignal() async throws {
        #expect(try await runner.run(shell("kill -9 $$")).exitCode == -9)
    }

    @Test func mergesErrorInOrder() async throws {
        var command = shell("echo 1; echo 2 >&2; echo 3")
        command.mergesError = true
        let result = try await runner.run(command)
        #expect(result.output == Array("1\n2\n3\n".utf8))
        #expect(result.error == [])
    }

    @Test func givesInputDirectoryEnvironmentAndMask() async throws {
        var command = shell("cat; pwd; echo $MUSTER_TEST; umask")
        command.input = Array("in\n".utf8)
        command.workingDirectory = "/usr"
        command.environment = ["MUSTER_TEST": "a b"]
        command.umask = 0o027
        #expect(try await runner.run(command).output == Array("in\n/usr\na b\n0027\n".utf8))
    }

    @Test func cleansTheEnvironment() async throws {
        var command = ProcessCommand(["/usr/bin/env"])
        command.inheritsEnvironment = false
        command.environment = ["ONLY": "1"]
        #expect(try await runner.run(command).output == Array("ONLY=1\n".utf8))
    }

    @Test func cutsLongOutputAndLetsTheProgramFinish() async throws {
        var command = shell("yes | head -c 1000000; exit 4")
        command.outputLimitBytes = 1000
        let result = try await runner.run(command)
        #expect(result.output.count == 1000)
        #expect(result.isOutputCut)
        #expect(result.exitCode == 4)
    }

    @Test func doesNotWaitForWhatIsLeftInTheBackground() async throws {
        let result = try await runner.run(shell("sleep 60 & echo started $!"))
        let text = String(decoding: result.output, as: UTF8.self)
        #expect(text.hasPrefix("started "))
        if let pid = Int32(text.dropFirst(8).dropLast()) { kill(pid, SIGKILL) }
    }

    @Test func endsTheWholeGroupAtTheLimit() async throws {
        let directory = try TestDirectory()
        // Both ignore SIGTERM; the grandchild leaves its number.
        let grandchild = "trap \"\" TERM; echo $$ > \(directory.path)/pid; exec sleep 60"
        var command = shell("sh -c '\(grandchild)' & trap '' TERM; wait; sleep 60")
        command.timeout = .seconds(2)
        await #expect(throws: FunctionError.timedOut(after: .seconds(2))) { try await runner.run(command) }
        let pid = try #require(Int32(try Files.text("\(directory.path)/pid").filter(\.isNumber)))
        // Killed, though perhaps not yet collected by its new parent.
        let state = (try? Files.text("/proc/\(pid)/stat"))?.split(separator: " ").dropFirst(2).first
        #expect(state == nil || state == "Z")
    }

    @Test func endsWhenTheTaskIsCancelled() async throws {
        let started = AsyncStream.makeStream(of: Int32.self)
        let tracked = runner.tracked(started: { started.continuation.yield($0) }, ended: { _ in })
        let task = Task { try await tracked.run(shell("sleep 60")) }
        var iterator = started.stream.makeAsyncIterator()
        let pid = await iterator.next()
        task.cancel()
        await #expect(throws: FunctionError.cancelled) { try await task.value }
        #expect(kill(try #require(pid), 0) == -1)
    }

    @Test(arguments: [["/no/such/program"], ["no-such-program-anywhere"], []])
    func saysWhyAProgramDoesNotStart(_ arguments: [String]) async {
        await #expect(throws: FunctionError.self) { try await runner.run(ProcessCommand(arguments)) }
    }

    @Test func refusesAnUnknownUser() async {
        var command = shell("id")
        command.user = "no-such-user"
        await #expect(throws: FunctionError.failed(reason: "User 'no-such-user' is not available")) {
            try await runner.run(command)
        }
    }

    @Test(.enabled(if: geteuid() == 0 && UserAccount(named: "nobody") != nil, "needs root and the user nobody"))
    func runsAsAnotherUserWithThatUsersGroupsOnly() async throws {
        var command = shell("id -un; id -Gn; echo $HOME $USER")
        command.user = "nobody"
        let account = try #require(UserAccount(named: "nobody"))
        let lines = String(decoding: try await runner.run(command).output, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first == "nobody")
        #expect(lines.last == "\(account.home) nobody")
        #expect(!lines[1].split(separator: " ").contains("root"))
    }
}
