package import Foundation
import Glibc
import MusterCore
import Synchronization

/// A program that runs beside the test, in a process group of its own, with its output in a file.
///
/// Everything it starts carries a mark in its environment, so that also what left the group (Salt's jobs call `setsid`)
/// is found and ended.
package final class ChildProcess: Sendable {
    private static let mark = "MUSTER_INTEROP_SITE"

    package let name: String
    package let log: URL
    package let pid: pid_t
    private let end = Mutex<Int32?>(nil)

    /// Starts a program with nothing on its standard input.
    ///
    /// - Parameter site: The value of the mark, one for each site.
    package init(_ name: String, _ executable: URL, _ arguments: [String], site: String, log: URL) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // Sockets of tests that run meanwhile: inherited, they would stay open as long as the program lives.
        for name in Files.list("/proc/self/fd") {
            if let descriptor = Int32(name), descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        // The threads that tests run on block most signals, and a program inherits that: it could not be ended politely.
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setpgroup(&attributes, 0)

        var environment = ProcessInfo.processInfo.environment
        environment[ChildProcess.mark] = site
        let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        let words = ([executable.path] + arguments).map { strdup($0) } + [nil]
        defer { for text in variables + words { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, executable.path, &actions, &attributes, words, variables)
        guard code == 0 else {
            throw SiteError("cannot start \(executable.path): \(String(cString: strerror(code)))")
        }
        self.name = name
        self.log = log
        self.pid = pid
    }

    /// Whether the program has not ended.
    package var isRunning: Bool { exitStatus == nil }

    /// How the program ended: its status, or 128 and the number of the signal; nil while it runs. It is reaped.
    package var exitStatus: Int32? {
        end.withLock { end in
            var status: Int32 = 0
            if end == nil, waitpid(pid, &status, WNOHANG) == pid {
                let signal = status & 0x7f
                end = signal == 0 ? (status >> 8) & 0xff : 128 + signal
            }
            return end
        }
    }

    /// Sends a signal to the program and everything in its group.
    package func signal(_ number: Int32) { kill(-pid, number) }

    /// Ends the program and its group: first politely, then not.
    package func stop() async throws {
        // The number of one that ended may belong to another group by now.
        guard isRunning else { return }
        signal(SIGTERM)
        do {
            try await poll("\(name) ends", within: .seconds(10)) { !isRunning }
        } catch {
            signal(SIGKILL)
            try await poll("\(name) is killed", within: .seconds(10)) { !isRunning }
        }
    }

    /// Everything it printed.
    package var output: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }  // no file yet is no output

    /// The last lines of the output and whether it ended, for messages.
    package var tail: String {
        let lines = output.split(separator: "\n").suffix(25).map(String.init)
        let end = exitStatus.map { "ended with status \($0)" } ?? "runs"
        return (lines + ["(\(end))"]).map { "    [\(name)] \($0)" }.joined(separator: "\n")
    }

    /// Kills every process that carries the mark of a site.
    package static func killAll(ofSite site: String) {
        let needle = Data("\(mark)=\(site)\0".utf8)
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = pid_t(entry), pid != getpid() else { continue }
            // A process that is gone or not ours has nothing for us.
            guard let environment = FileManager.default.contents(atPath: "/proc/\(entry)/environ") else { continue }
            if (environment + [0]).range(of: needle) != nil { kill(pid, SIGKILL) }
        }
    }
}
