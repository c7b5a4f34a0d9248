package import MusterCore

/// The ids of the last jobs, so that none runs twice, whatever a master or a network repeats.
///
/// A value: the caller appends what `admit` says to the file and rewrites the file when `isRewriteDue`.
package struct SeenJobs: Sendable {
    /// Salt's `minion_jid_queue_hwm`.
    package let capacity: Int
    private var known: Set<JobID> = []
    /// Oldest first, from `start` on.
    private var order: [JobID] = []
    private var start = 0
    private var linesInFile = 0
    /// The file may end within a line: what is appended would be lost with it.
    private var isTorn = false

    package init(capacity: Int = 1000) { self.capacity = max(1, capacity) }

    /// The memory as a file left it; lines that are no job ids (a torn last line) are passed over.
    package init(capacity: Int = 1000, file: [UInt8]) {
        self.init(capacity: capacity)
        isTorn = file.last.map { $0 != 0x0a } ?? false
        for line in file.split(separator: 0x0a) {
            linesInFile += 1
            if let job = JobID(utf8: line) { remember(job) }
        }
    }

    /// Whether the job is new; it is remembered from now on.
    package mutating func admit(_ job: JobID) -> Bool {
        guard !known.contains(job) else { return false }
        remember(job)
        linesInFile += 1
        return true
    }

    /// Whether the file has grown to several times of what is remembered, or does not end with a whole line.
    package var isRewriteDue: Bool { isTorn || linesInFile > 4 * capacity }

    /// Something could not be appended whole; the file is rewritten next time.
    package mutating func failedToAppend() { isTorn = true }

    /// The whole file anew.
    package mutating func rewrite() -> [UInt8] {
        isTorn = false
        linesInFile = order.count - start
        return order[start...].flatMap(SeenJobs.line)
    }

    /// What one job adds to the file.
    package static func line(_ job: JobID) -> [UInt8] { Array(job.text.utf8) + [0x0a] }

    private mutating func remember(_ job: JobID) {
        guard known.insert(job).inserted else { return }
        order.append(job)
        if order.count - start > capacity {
            known.remove(order[start])
            start += 1
        }
        if start > capacity {
            order.removeFirst(start)
            start = 0
        }
    }
}

/// The memory of jobs on disk, shared by all masters of a node.
package actor SeenJobsFile {
    private let path: String
    private var seen: SeenJobs

    /// - Parameter path: its directory must exist; a file that is missing is an empty memory.
    package init(path: String, capacity: Int = 1000) throws {
        self.path = path
        seen = SeenJobs(capacity: capacity, file: Files.status(path) == nil ? [] : try Files.read(path))
    }

    /// Whether the job is new. It counts as seen even if this throws, because the file could not be written.
    package func admit(_ job: JobID) throws -> Bool {
        guard seen.admit(job) else { return false }
        do {
            if seen.isRewriteDue {
                try Files.write(seen.rewrite(), to: path)
            } else {
                try Files.append(SeenJobs.line(job), to: path)
            }
        } catch {
            seen.failedToAppend()
            throw error
        }
        return true
    }
}
