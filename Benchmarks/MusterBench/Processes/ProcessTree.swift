import Glibc
import MusterCore

/// A process and everything that descends from it, as `/proc` shows it now.
struct ProcessTree: Sendable {
    let root: pid_t

    /// All of them, the root included; empty when it has ended.
    var members: [ProcessStat] {
        ProcessTree.descendants(of: root, in: Files.list("/proc").compactMap(pid_t.init).compactMap(ProcessTree.stat))
    }

    /// What is known of a process now; nil when it has ended.
    static func stat(_ process: pid_t) -> ProcessStat? {
        // It may have ended since its number was read.
        (try? Files.text("/proc/\(process)/stat")).flatMap(ProcessStat.init)
    }

    /// Processor time of all of them so far, user and system, ended children included.
    var processorTime: Duration {
        .seconds(1) * members.reduce(0) { $0 + $1.ticks } / Int(sysconf(Int32(_SC_CLK_TCK)))
    }

    var memory: MemoryUse {
        members.compactMap { member in
            // As above: one that has just ended has no memory.
            (try? Files.text("/proc/\(member.processID)/smaps_rollup")).flatMap(MemoryUse.init(rollup:))
        }.reduce(MemoryUse(), +)
    }

    /// Waits until the processes have almost nothing to do: less than 3 % of a core for a second, at most for `limit`.
    func waitUntilQuiet(within limit: Duration) async throws {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            let before = processorTime
            try await Task.sleep(for: .seconds(1))
            if processorTime - before < .milliseconds(30) { return }
        }
    }

    static func descendants(of root: pid_t, in all: [ProcessStat]) -> [ProcessStat] {
        let children = Dictionary(grouping: all, by: \.parent)
        var found = all.filter { $0.processID == root }
        var next = 0
        while next < found.count {
            found += children[found[next].processID] ?? []
            next += 1
        }
        return found
    }
}
