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

    /// Whether a node's answer to `saltutil.find_job` says that the job runs: a map that is not empty.
    ///
    /// - Parameter body: `return`, encoded.
    package static func isRunning(accordingTo body: [UInt8]) -> Bool {
        var reader = MessagePackReader(body.span.bytes)
        guard let count = try? reader.readMap() else { return false }  // anything but a map says nothing
        return count > 0
    }
}
