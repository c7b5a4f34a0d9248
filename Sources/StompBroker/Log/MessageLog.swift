/// Where persistent messages are kept beyond the life of the process.
///
/// The virtual host appends, and goes on; whoever runs it makes what was appended durable, many entries at once, and then
/// calls ``VirtualHost/committed(upTo:)``, upon which the receipts go out. Called on the virtual host's event loop, so it
/// must not wait for a disk.
package protocol MessageLog: AnyObject {
    /// Takes entries that must survive together or not at all.
    ///
    /// - Returns: Their position; positions increase.
    /// - Throws: `BrokerError.storageFull`; nothing was taken then.
    func append(_ entries: [LogEntry]) throws(BrokerError) -> LogPosition
}

/// A place in the log.
package struct LogPosition: Sendable, Hashable, Comparable {
    package let value: UInt64

    package init(_ value: UInt64) { self.value = value }

    /// Before the first entry.
    package static let start = LogPosition(0)

    package static func < (left: LogPosition, right: LogPosition) -> Bool { left.value < right.value }
}

/// One thing that the log remembers.
package enum LogEntry {
    /// A queue has this message.
    case stored(StoredMessage, queue: String)
    /// A message that was stored has come into another queue.
    case moved(id: UInt64, queue: String)
    /// A message is done with, or its time is over.
    case done(id: UInt64)
}
