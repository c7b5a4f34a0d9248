import ArgumentParser
import Glibc

/// `muster-bench keep PROGRAM ARGUMENTS`: runs a program until standard input closes.
///
/// Then the program's process group is told to end, and ten seconds later everything that descends from the program is
/// killed. Ends with the program's status when that ends by itself.
struct KeepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keep", abstract: "Run a program until standard input closes.", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough, help: "The program and its arguments.") var words: [String]

    private static let pollMilliseconds: Int32 = 50

    func run() throws {
        // Ctrl-C is for the benchmark, whose end closes the pipe.
        for number in [SIGINT, SIGHUP, SIGTERM] { signal(number, SIG_IGN) }
        let child = try Spawn(
            program: words[0], arguments: Array(words.dropFirst()), leadsGroup: true
        ).start()
        var ending: Int32?
        while !isInputClosed(), ending == nil { ending = KeepCommand.ending(of: child) }
        let members = ProcessTree(root: child).members
        if ending == nil { ending = end(child) }
        kill(-child, SIGKILL)
        // Those that have left the group and are still what they were.
        for member in members where ProcessTree.stat(member.processID)?.started == member.started {
            kill(member.processID, SIGKILL)
        }
        if let ending, ending != 0 { throw ExitCode(ending) }
    }

    /// Waits for a moment.
    private func isInputClosed() -> Bool {
        var request = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&request, 1, KeepCommand.pollMilliseconds) > 0
    }

    /// Asks the group to end, and gives it ten seconds.
    private func end(_ child: pid_t) -> Int32? {
        kill(-child, SIGTERM)
        for _ in 0..<200 {
            if let ending = KeepCommand.ending(of: child) { return ending }
            usleep(50_000)
        }
        return nil
    }

    private static func ending(of child: pid_t) -> Int32? {
        var status: Int32 = 0
        return waitpid(child, &status, WNOHANG) == child ? Spawn.exitStatus(status) : nil
    }
}
