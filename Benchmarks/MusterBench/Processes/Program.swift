import DaemonSupport
import Foundation
import Glibc
import MusterCore

/// A program that is run to its end, for how long that takes.
struct Program: Sendable {
    /// What a run gave.
    struct Run: Sendable {
        var status: Int32
        /// From before it was started to when its end was known.
        var time: Duration
        /// What it printed, errors included.
        var output: String
    }

    let program: String
    let arguments: [String]

    init(_ program: String, _ arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }

    /// Runs it with nothing on its standard input. It is killed at the limit, and when the task is cancelled.
    func run(within limit: Duration) async throws -> Run {
        let directory = try TemporaryDirectory("mb")
        defer { directory.remove() }
        let file = directory.file("output")
        let clock = ContinuousClock()
        let began = clock.now
        let processID = try Spawn(program: program, arguments: arguments, outputFile: file).start()
        let ended = await withTaskCancellationHandler {
            // Cancelled, without effect, when the program has ended.
            async let _: Void = Program.kill(processID, after: limit)
            return await Program.end(of: processID)
        } onCancel: {
            Glibc.kill(processID, SIGKILL)
        }
        try Task.checkCancellation()
        guard let status = ended.status else {
            throw BenchFailure("'\(self)' was not over after \(limit.components.seconds) s")
        }
        return Run(status: status, time: ended.at - began, output: try Files.text(file))
    }

    /// Runs it and expects status 0.
    func succeed(within limit: Duration) async throws -> Run {
        let run = try await run(within: limit)
        guard run.status == 0 else {
            throw BenchFailure("'\(self)' ended with status \(run.status): \(run.output.suffix(500))")
        }
        return run
    }

    private static func kill(_ processID: pid_t, after limit: Duration) async {
        do { try await Task.sleep(for: limit) } catch { return }
        Glibc.kill(processID, SIGKILL)
    }

    /// Waits on a thread of its own, which the kernel wakes at once.
    ///
    /// - Returns: no status when it was killed.
    private static func end(of processID: pid_t) async -> (status: Int32?, at: ContinuousClock.Instant) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var status: Int32 = 0
                while waitpid(processID, &status, 0) < 0, errno == EINTR {}
                let now = ContinuousClock.now
                let wasKilled = status & 0x7f == SIGKILL
                continuation.resume(returning: (wasKilled ? nil : Spawn.exitStatus(status), now))
            }
        }
    }
}

extension Program: CustomStringConvertible {
    var description: String { ([program] + arguments).joined(separator: " ") }
}
