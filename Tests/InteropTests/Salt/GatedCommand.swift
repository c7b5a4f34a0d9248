import Foundation
import Glibc

/// A shell command that runs on a node until the test opens it, so that no job depends on a clock.
struct GatedCommand {
    private let file: URL
    private let shell: URL

    /// - Parameter name: Of its files; one for each gate of a site.
    init(_ name: String, in site: SaltSite) {
        file = site.file("\(name).gate")
        shell = site.file("\(name).pid")
    }

    /// What `cmd.run` is given.
    ///
    /// - Parameter end: What is run once the gate is open.
    func command(then end: String) -> String {
        "echo $$ > \(shell.path); while [ ! -e \(file.path) ]; do sleep 0.05; done; \(end)"
    }

    /// Whether a process has ended and nobody has asked how: a job process that was killed leaves its shell to `init`.
    private func isZombie(_ pid: pid_t) -> Bool {
        // No such file: it is gone altogether.
        let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        return status?.contains(") Z ") ?? true
    }

    func open() throws { try Data().write(to: file) }

    /// Whether the shell that waits at the gate is there.
    var isWaiting: Bool {
        // No file yet: the node has not come that far.
        guard let text = try? String(contentsOf: shell, encoding: .utf8),
            let pid = pid_t(text.filter(\.isNumber))
        else { return false }
        return kill(pid, 0) == 0 && !isZombie(pid)
    }
}
