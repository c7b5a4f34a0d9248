import MusterCore
import NIOCore
import SaltProtocol

/// The jobs of one node: which it has seen, and which run.
struct NodeJobs {
    /// A job that takes its time.
    private struct Running {
        let job: SharedJob
        let timer: Scheduled<Void>
    }

    /// Jobs that are known again.
    static let recentLimit = 16

    private var lastSerial: Int64 = 0
    private var recent: [JobID] = []
    private var running: [Running] = []

    /// Whether the publish is not one sent again: its serial is above the last. Notes it.
    mutating func isNext(_ job: SharedJob) -> Bool {
        guard let serial = job.load.serial, serial > lastSerial else { return false }
        lastSerial = serial
        return true
    }

    /// Serials begin anew with every publish key.
    mutating func forgetSerial() { lastSerial = 0 }

    /// Whether the job was not seen lately; notes it. Salt's nodes remember a hundred.
    mutating func isNew(_ job: SharedJob) -> Bool {
        guard !recent.contains(job.load.job) else { return false }
        if recent.count == Self.recentLimit { recent.removeFirst() }
        recent.append(job.load.job)
        return true
    }

    mutating func began(_ job: SharedJob, _ timer: Scheduled<Void>) {
        running.append(Running(job: job, timer: timer))
    }

    mutating func ended(_ job: SharedJob) { running.removeAll { $0.job === job } }

    /// What runs, as `saltutil.running` shows it.
    ///
    /// - Parameter number: Of the node, for a process id of its own.
    func running(on number: Int) -> [RunningJob] {
        running.map { RunningJob($0.job.load, processID: Int32(10_000 + number % 20_000)) }
    }

    /// Ends the jobs that a `saltutil.kill_job` names: they never answer, as with Salt.
    mutating func end(asToldBy job: SharedJob) {
        guard job.isQuestion else { return }
        let named = job.load.calls.compactMap(SimulatedFunction.endedJob(by:))
        guard !named.isEmpty else { return }
        for one in running where named.contains(one.job.load.job) { one.timer.cancel() }
        running.removeAll { named.contains($0.job.load.job) }
    }

    mutating func cancelAll() {
        for one in running { one.timer.cancel() }
        running.removeAll()
    }
}
