/// Where the SQLite store is and what it may take.
package struct SQLiteConfiguration: Sendable, Hashable {
    /// The database file. Its directory is made when missing; `-wal`, `-shm` and `.lock` lie beside it.
    package var path: String
    /// The file may not grow beyond this many bytes; nil is no limit but the disk. Reached, writes fail until a prune.
    package var maximumBytes: Int?
    /// Writes in one commit at most. Higher: fewer commits under load, longer waits for each. Lower: the reverse.
    package var batchWrites: Int
    /// Writes that may wait. Higher: bursts are ridden out, with more memory. Lower: they are refused sooner.
    package var queuedWrites: Int
    /// Bytes of bodies and event data that may wait.
    package var queuedBytes: Int
    /// Bodies of returns of at least this many bytes are kept apart, equal ones once.
    package var sharedBodyBytes: Int
    /// How long a write waits for another process that holds the database locked.
    package var lockTimeout: Duration
    /// Connections that read at the same time.
    package var readers: Int

    package init(
        path: String, maximumBytes: Int? = nil, batchWrites: Int = 512, queuedWrites: Int = 65_536,
        queuedBytes: Int = 128 << 20, sharedBodyBytes: Int = 1024, lockTimeout: Duration = .seconds(5), readers: Int = 4
    ) {
        self.path = path
        self.maximumBytes = maximumBytes
        self.batchWrites = batchWrites
        self.queuedWrites = queuedWrites
        self.queuedBytes = queuedBytes
        self.sharedBodyBytes = sharedBodyBytes
        self.lockTimeout = lockTimeout
        self.readers = readers
    }
}
