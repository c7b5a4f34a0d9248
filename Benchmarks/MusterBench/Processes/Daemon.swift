import Glibc
import MusterCore
import Synchronization

/// A program that runs beside the benchmark and ends with it, however that ends.
///
/// Between us and the program stands `muster-bench keep`: it holds the reading end of a pipe whose writing end only this
/// process has, and ends the program with everything it started when the pipe closes.
final class Daemon: Sendable {
    private struct State {
        var writingEnd: Int32
        var status: Int32?
    }

    let name: String
    /// Where its output goes.
    let log: String
    private let keeper: pid_t
    private let state: Mutex<State>

    /// Starts it.
    init(_ name: String, _ program: String, _ arguments: [String], log: String) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw BenchFailure("no pipe can be made: \(String(cString: strerror(errno)))")
        }
        defer { close(ends[0]) }
        // What else is started must not hold the writing end.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.name = name
        self.log = log
        do {
            keeper = try Spawn(
                program: Spawn.ownProgram, arguments: ["keep", program] + arguments, input: ends[0], outputFile: log,
                leadsGroup: true
            ).start()
        } catch {
            close(ends[1])
            throw error
        }
        state = Mutex(State(writingEnd: ends[1]))
    }

    deinit { closePipe() }

    /// The program with all that it has started; without its keeper.
    var processes: ProcessTree {
        get throws {
            try check()
            let children = ProcessTree(root: keeper).members.filter { $0.parent == keeper }
            guard let child = children.first else { throw BenchFailure("\(name) has not been started yet") }
            return ProcessTree(root: child.processID)
        }
    }

    /// - Throws: with its last words when it has ended by itself.
    func check() throws {
        guard let status = ending() else { return }
        throw BenchFailure("\(name) ended with status \(status): \(lastWords)")
    }

    /// What it printed last.
    var lastWords: String {
        // A log that cannot be read has nothing to tell.
        ((try? Files.text(log)) ?? "").split(separator: "\n").suffix(6).joined(separator: " / ")
    }

    /// Waits until the program has ended by itself.
    ///
    /// - Returns: its status.
    func wait(within limit: Duration) async throws -> Int32 {
        try await poll("\(name) ends", within: limit) { ending() }
    }

    /// Ends it and all that it has started, politely first.
    func stop() async {
        closePipe()
        // The keeper gives the program ten seconds.
        let status = try? await Task { try await wait(within: .seconds(20)) }.value
        if status == nil { kill(keeper, SIGKILL) }
    }

    private func closePipe() {
        state.withLock { state in
            if state.writingEnd >= 0 { close(state.writingEnd) }
            state.writingEnd = -1
        }
    }

    private func ending() -> Int32? {
        state.withLock { state in
            var status: Int32 = 0
            if state.status == nil, waitpid(keeper, &status, WNOHANG) == keeper {
                state.status = Spawn.exitStatus(status)
            }
            return state.status
        }
    }
}
