/// Why a store did not do what it was asked. `place` names the file, or the host and database, it concerns.
package enum StoreError: Error, Sendable, Hashable {
    case cannotOpen(place: String, reason: String)
    /// Another process has it open.
    case inUse(place: String)
    /// Written by a newer Muster: `found` is the first change to the schema that this one does not know.
    case newerSchema(place: String, found: String)
    /// A database, but none of Muster's.
    case foreign(place: String)
    case corrupted(place: String, reason: String)
    case full(place: String)
    case readOnly(place: String, reason: String)
    /// Somebody else held the write lock for longer than `waited`.
    case locked(place: String, waited: Duration)
    case inputOutput(place: String, reason: String)
    /// The queue of writes is at its bound.
    case overloaded(pendingWrites: Int)
    case closed
    case jobExists(JobID)
    /// A value that could be stored and not be read again.
    case nestedTooDeep(what: String, limit: Int)
    case failed(place: String, reason: String)

    /// Whether the store itself cannot write now, whatever it is given.
    package var isOutage: Bool {
        switch self {
        case .cannotOpen, .inUse, .newerSchema, .foreign, .corrupted, .full, .readOnly, .locked, .inputOutput, .closed:
            true
        case .overloaded, .jobExists, .nestedTooDeep, .failed: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotOpen(let place, let reason):
            "cannot open the store \(place): \(reason): check that its directory exists and belongs to this user"
        case .inUse(let place):
            "the store \(place) is in use by another controller: stop it, or give this one its own state directory"
        case .newerSchema(let place, let found):
            "the store \(place) was written by a newer release (schema \(found)): use that release, or move the file away"
        case .foreign(let place):
            "\(place) is a database of another program: move it away, or set another state directory"
        case .corrupted(let place, let reason):
            "the store \(place) is damaged (\(reason)): restore it from a backup, or move it away to begin with an empty one"
        case .full(let place):
            "no room left for the store \(place): free space on its file system, raise its size limit or shorten the retention"
        case .readOnly(let place, let reason):
            "the store \(place) cannot be written (\(reason)): check its owner, its mode and how its file system is mounted"
        case .locked(let place, let waited):
            "another process has kept the store \(place) locked for \(Int(waited.inSeconds)) s: end it"
        case .inputOutput(let place, let reason):
            "reading or writing the store \(place) failed (\(reason)): check the disk and the kernel log"
        case .overloaded(let pendingWrites):
            "the store is behind by \(pendingWrites) writes and takes no more until it has caught up: try again"
        case .closed:
            "the store is closed"
        case .jobExists(let id):
            "job \(id) is stored already"
        case .nestedTooDeep(let what, let limit):
            "\(what) is nested deeper than \(limit) levels and is not stored"
        case .failed(let place, let reason):
            "the store \(place) failed: \(reason)"
        }
    }
}
