import Glibc

/// Starts a program: `posix_spawn(3)` with its signals as a shell would leave them.
struct Spawn {
    /// The file of the program.
    var program: String
    var arguments: [String] = []
    /// The descriptor for its standard input; nil for nothing to read.
    var input: Int32?
    /// Where its standard output and error go; nil for where ours go.
    var outputFile: String?
    /// Whether it leads a process group of its own, out of reach of the terminal's Ctrl-C.
    var leadsGroup = false

    /// - Returns: its process id; the caller waits for it.
    func start() throws(BenchFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        if let outputFile {
            posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, outputFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        if leadsGroup { flags |= POSIX_SPAWN_SETPGROUP }
        posix_spawnattr_setflags(&attributes, Int16(flags))
        posix_spawnattr_setpgroup(&attributes, 0)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        var ignored = sigset_t()
        sigfillset(&ignored)
        posix_spawnattr_setsigdefault(&attributes, &ignored)

        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var processID: pid_t = 0
        let code = posix_spawn(&processID, program, &actions, &attributes, &words, environ)
        guard code == 0 else { throw BenchFailure("cannot start \(program): \(String(cString: strerror(code)))") }
        return processID
    }

    /// The file of the program that runs here.
    static var ownProgram: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : CommandLine.arguments[0]
    }

    /// The status of an ended process from what `waitpid` gave: its own, or 128 and the number of the signal.
    static func exitStatus(_ status: Int32) -> Int32 {
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}
