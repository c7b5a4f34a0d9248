#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// This program again, in a process of its own.
///
/// Its standard input is the reading end of a pipe of this process: it ends when this process does, however that ends.
/// It stays in the process group of the terminal, so that closing the terminal ends it too.
struct ChildProcess: Sendable {
    /// Where its output goes.
    enum Output: Sendable, Hashable {
        /// All of it to the end of a file.
        case log(String)
        /// Standard output to a descriptor, standard error where ours goes.
        case descriptor(Int32)
    }

    let name: String
    private let processID: pid_t

    /// How a child ended.
    enum Ending: Sendable, Hashable, CustomStringConvertible {
        case status(Int32)
        case signal(Int32)

        var description: String {
            switch self {
            case .status(let status): "with status \(status)"
            case .signal(let signal): "by signal \(signal)"
            }
        }
    }

    /// - Parameters:
    ///   - arguments: the words behind the program's name.
    ///   - lifeline: what the child ends with.
    ///   - output: where it writes.
    /// - Throws: `CommandFailure` when it cannot be started.
    init(_ name: String, _ arguments: [String], lifeline: Lifeline, output: Output) throws(CommandFailure) {
        self.name = name
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, lifeline.readingEnd, STDIN_FILENO)
        switch output {
        case .log(let path):
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        case .descriptor(let descriptor):
            posix_spawn_file_actions_adddup2(&actions, descriptor, STDOUT_FILENO)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of tasks block most signals, and a program inherits that: it could not be ended politely.
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words = ([Self.program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var processID: pid_t = 0
        let result = posix_spawn(&processID, Self.program, &actions, &attributes, &words, environ)
        guard result == 0 else {
            throw CommandFailure(.failure, "\(name) cannot be started: \(String(cString: strerror(result)))")
        }
        self.processID = processID
    }

    /// How it ended; nil while it runs. Once an end was told, it is not to be asked again.
    func ending() -> Ending? {
        var status: Int32 = 0
        guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
        return Ending(waitStatus: status)
    }

    /// Waits for its end, blocking the thread; not to be mixed with `ending()`.
    func waitForEnd() -> Ending {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
        return Ending(waitStatus: status)
    }

    func terminate() { kill(processID, SIGTERM) }
    func kill() { kill(processID, SIGKILL) }

    private func kill(_ processID: pid_t, _ signal: Int32) { _ = systemKill(processID, signal) }

    /// The file of this program.
    private static var program: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : CommandLine.arguments[0]
    }
}

extension ChildProcess.Ending {
    fileprivate init(waitStatus status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .status((status >> 8) & 0xff) : .signal(signal)
    }
}

/// `kill(2)`, named apart from the methods above.
private func systemKill(_ processID: pid_t, _ signal: Int32) -> Int32 { kill(processID, signal) }
