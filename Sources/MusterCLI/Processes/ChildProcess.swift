#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A daemon of the demo: this program again, in a process of its own, its output in a file.
///
/// Its standard input is the reading end of a pipe of this process: it ends when this process does, however that ends.
/// It stays in the process group of the terminal, so that closing the terminal ends it too.
struct ChildProcess: Sendable {
    let name: String
    /// Where its output goes.
    let log: String
    private let processID: pid_t

    /// How a child ended.
    enum Ending: Sendable, Hashable {
        case status(Int32)
        case signal(Int32)
    }

    /// - Parameters:
    ///   - arguments: the words behind the program's name.
    ///   - lifeline: what the child ends with.
    /// - Throws: `CommandFailure` when it cannot be started.
    init(_ name: String, _ arguments: [String], lifeline: Lifeline, log: String) throws(CommandFailure) {
        self.name = name
        self.log = log
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, lifeline.readingEnd, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var words = ([Self.program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var processID: pid_t = 0
        let result = posix_spawn(&processID, Self.program, &actions, nil, &words, environ)
        guard result == 0 else {
            throw CommandFailure(.failure, "\(name) cannot be started: \(String(cString: strerror(result)))")
        }
        self.processID = processID
    }

    /// How it ended; nil while it runs. Once an end was told, it is not to be asked again.
    func ending() -> Ending? {
        var status: Int32 = 0
        guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? .status((status >> 8) & 0xff) : .signal(signal)
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

/// `kill(2)`, named apart from the methods above.
private func systemKill(_ processID: pid_t, _ signal: Int32) -> Int32 { kill(processID, signal) }
