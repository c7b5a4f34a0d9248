import Glibc
import MusterCore

/// Commands in the background, each with a directory that says all about it, so that they outlive the node.
///
///     DIRECTORY/shell-jobs/HANDLE/ command  pid  stdout  stderr  exitcode
///
/// The directory is the owner's alone. A job runs in a session of its own, whose leader's id is in `pid`.
struct ShellJobs {
    /// As the peers' symbols.
    enum Status: String {
        case running, stopped
        /// It left no exit status: the machine was started anew, or it was killed with what kept it.
        case failed
    }

    /// How many jobs that ended are kept.
    private static let kept = 100

    private let directory: String
    private let functions: FunctionContext

    init(_ functions: FunctionContext) throws(FunctionError) {
        guard let state = functions.configuration["cachedir"]?.string else {
            throw .failed(reason: "this node has no state directory to keep jobs in")
        }
        self.functions = functions
        directory = "\(state)/shell-jobs"
    }

    /// Every job, oldest first.
    var all: [Job] {
        SystemFiles().names(in: directory).compactMap(job).sorted {
            ($0.startedAt, $0.handle) < ($1.startedAt, $1.handle)
        }
    }

    /// A job by its handle, nil when there is none. The name is checked before it is a part of a path.
    func job(_ handle: String) -> Job? {
        let isName =
            !handle.isEmpty
            && handle.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "-")
            }
        guard isName, FileStatus("\(directory)/\(handle)")?.kind == .dir else { return nil }
        return Job(handle: handle, directory: "\(directory)/\(handle)")
    }

    /// Starts a command.
    ///
    /// - Returns: its handle.
    func start(_ command: String, user: String?) async throws -> String {
        try FileAccess.makeDirectories(directory, mode: 0o700)
        for job in all.filter({ $0.status != .running }).dropLast(ShellJobs.kept - 1) {
            try FileAccess.remove(job.directory)
        }
        let handle = ShellJobs.makeHandle()
        let path = "\(directory)/\(handle)"
        try FileAccess.makeDirectories(path, mode: 0o700)
        try FileAccess.write(
            Array(command.utf8), to: "\(path)/command", flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        let inner = user.map { ["runuser", "-u", $0, "--", "/bin/sh", "-c", command] } ?? ["/bin/sh", "-c", command]
        // The outer shell ends at once; the one in between stays to write down how the command ended.
        let script = """
            umask 077; cd "$0" || exit 1
            setsid /bin/sh -c 'echo $$ >pid; (cd /; exec "$@") >stdout 2>stderr </dev/null
            echo $? >exitcode.new; mv exitcode.new exitcode' sh "$@" >/dev/null 2>&1 </dev/null &
            """
        let result = try await functions.processes.run(ProcessCommand(["/bin/sh", "-c", script, path] + inner))
        guard result.exitCode == 0 else {
            throw FunctionError.failed(
                reason: "the command cannot be started: \(String(decoding: result.error, as: UTF8.self))")
        }
        return handle
    }

    /// 128 random bits in the form of a UUID.
    private static func makeHandle() -> String {
        let digits = (0..<32).map { _ in String(UInt8.random(in: 0..<16), radix: 16) }
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { digits[$0].joined() }.joined(separator: "-")
    }
}

extension ShellJobs {
    /// One command, as its directory tells.
    struct Job {
        let handle: String
        let directory: String

        /// What was asked to run; empty when it cannot be read any more.
        var command: String { (try? FileAccess.text("\(directory)/command")) ?? "" }

        var startedAt: Double { FileStatus("\(directory)/command")?.modified ?? 0 }

        /// How the command ended, nil while it has not.
        var exitCode: Int? { (try? FileAccess.text("\(directory)/exitcode")).flatMap { Int($0.trimmed) } }

        private var processID: Int32? { (try? FileAccess.text("\(directory)/pid")).flatMap { Int32($0.trimmed) } }

        var status: Status {
            if exitCode != nil { return .stopped }
            // Without an id it has only just been started.
            guard let processID else { return .running }
            return isAlive(processID) ? .running : .failed
        }

        /// Whether the process of this id is still ours and not another one that got the number.
        private func isAlive(_ id: Int32) -> Bool {
            kill(id, 0) == 0 && getsid(id) == id
        }

        /// What the command wrote: at most 256 KiB from an offset.
        func written(_ stream: String, from offset: Int64) throws -> [UInt8] {
            let path = "\(directory)/\(stream)"
            guard FileStatus(path) != nil else { return [] }
            return try FileAccess.read(path, from: offset, limit: 256 << 10)
        }

        /// Ends everything in the job's session.
        func end() throws(ActionFailure) {
            guard status == .running, let processID, isAlive(processID) else {
                throw ActionFailure("The job '\(handle)' does not run")
            }
            kill(-processID, SIGTERM)
        }
    }
}
