import MessagePack
package import MusterCore

/// A job that runs on a node, as `saltutil.find_job` and `saltutil.running` show it.
///
/// Source: Salt 3006, `salt/minion.py`, the proc file of `_thread_return`; `salt/modules/saltutil.py`, `find_job`.
package struct RunningJob: Sendable, Hashable {
    package var publish: PublishLoad
    package var processID: Int32

    package init(_ publish: PublishLoad, processID: Int32) {
        self.publish = publish
        self.processID = processID
    }

    /// The map of the proc file: process id first, then the publish.
    package var value: Value {
        var map: ValueMap = ["pid": .int(Int64(processID))]
        for entry in publish.fields where entry.key != "serial" { map.append(entry.key, entry.value) }
        return .map(map)
    }

    /// What `saltutil.find_job` returns: the map if the job is among the running ones, else an empty map.
    package static func findJob(_ job: JobID, among running: some Sequence<RunningJob>) -> Value {
        running.first { $0.publish.job == job }?.value ?? [:]
    }
}

extension ReturnMessage {
    /// What this answer to `saltutil.find_job` says: a map with something in it means that the job runs, an empty one that
    /// it does not; a failure, or anything else, that the peer cannot tell (the function may be disabled there).
    package var jobSign: JobTracker.Sign {
        guard returnCode == 0, isSuccess != false else { return .cannotSay }
        var reader = MessagePackReader(body.span.bytes)
        guard let count = try? reader.readMap() else { return .cannotSay }  // no map: no answer to the question
        return count > 0 ? .runs : .doesNotRun
    }
}
