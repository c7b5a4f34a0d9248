import Foundation
package import MusterCore
import NIOCore

/// What the log's thread has to tell; hop to the event loop of the virtual host with it.
package enum DiskLogEvent: Sendable, Hashable {
    /// For ``VirtualHost/committed(upTo:)``.
    case committed(upTo: LogPosition)
    /// The disk takes nothing; new persistent messages are refused until `.resumed`.
    case stalled(FileError)
    case resumed
    /// What was not committed may be lost, and nothing is taken any more: end the process.
    case failed(FileError)
    /// Everything is on disk, or has failed, and the thread has ended.
    case closed
}

/// Persistent messages on disk: an append-only log in segments, written by one thread with group commit.
///
/// A record is there as a whole or not at all (``LogRecord``). What is on disk when `.committed` is told survives `kill -9`
/// and a power cut. Segments go when nothing in them is alive (``LiveMessages``).
///
/// The log itself belongs to the virtual host's event loop; its thread shares only the queue.
package final class DiskLog: MessageLog {
    package struct Configuration: Sendable, Hashable {
        /// How large a segment grows before the next one begins.
        package var segmentBytes = 16 << 20
        /// What the log may take on disk; beyond it persistent messages are refused.
        package var maxBytes = 4 << 30
        /// What may wait for the disk; beyond it persistent messages are refused.
        package var maxPendingBytes = 64 << 20

        package init() {}
    }

    /// What was in the log when it was opened.
    package struct Recovery {
        /// Messages that are not done with, in order; give them to ``VirtualHost/restore(_:to:)``.
        package let messages: [(message: StoredMessage, queue: String)]
        /// The highest id that was ever seen; give it to ``VirtualHost/reserveIDs(upTo:)``.
        package let lastID: UInt64
        /// Bytes at the end of segments that are no records: what was being written when the process died.
        package let damagedBytes: Int
    }

    package let recovery: Recovery
    private let configuration: Configuration
    private let queue = LogQueue()
    private var live: LiveMessages
    private var position = LogPosition.start

    /// Reads what is there, and starts the thread.
    ///
    /// - Parameter tell: Called on the log's thread.
    package init(
        _ storage: any SegmentStorage, configuration: Configuration = Configuration(),
        tell: @escaping @Sendable (DiskLogEvent) -> Void
    ) throws(FileError) {
        self.configuration = configuration
        (live, recovery) = try DiskLog.recover(storage)
        let segment = live.current + 1
        try storage.create(segment)
        live.began(segment: segment)
        let writer = LogWriter(queue: queue, storage: storage, tell: tell)
        let thread = Thread {
            var writer = writer
            writer.run()
        }
        thread.name = "broker-log"
        thread.start()
    }

    package func append(_ entries: [LogEntry]) throws(BrokerError) -> LogPosition {
        let stores = entries.contains { if case .stored = $0 { true } else { false } }
        // What makes room is always taken.
        if stores {
            guard !queue.isStuck, queue.pendingBytes < configuration.maxPendingBytes,
                live.totalBytes < configuration.maxBytes
            else { throw .storageFull }
        }
        write(entries)
        tidy()
        return position
    }

    /// What the log takes on disk.
    package var bytes: Int { live.totalBytes }

    /// What waits for the disk. Whoever reads from publishers should stop well before this reaches its bound, since then
    /// they are refused.
    package var pendingBytes: Int { queue.pendingBytes }

    /// Brings everything to disk and ends the thread; `.closed` follows.
    package func close() { queue.close() }

    private func write(_ entries: [LogEntry]) {
        if live.currentBytes >= configuration.segmentBytes {
            let segment = live.current + 1
            queue.add(.begin(segment: segment))
            live.began(segment: segment)
        }
        var record = ByteBuffer()
        LogRecord.encode(entries, into: &record)
        position = LogPosition(position.value + 1)
        queue.write(record, upTo: position)
        live.wrote(entries, bytes: record.readableBytes)
    }

    /// Lets old segments go.
    private func tidy() {
        // What is moved waits for the disk, too: one segment at a time, so that nobody is refused for it.
        if queue.pendingBytes < configuration.maxPendingBytes / 8 {
            let survivors = live.worthMoving()
            if !survivors.isEmpty { write(survivors) }
        }
        while let segment = live.takeObsolete() { queue.add(.delete(segment: segment)) }
    }

    /// Reads all segments.
    private static func recover(_ storage: any SegmentStorage) throws(FileError) -> (LiveMessages, Recovery) {
        var live = LiveMessages()
        var (lastID, damagedBytes, expected) = (UInt64(0), 0, 0)
        for number in try storage.list() {
            // Numbers must be consecutive here; those of segments that were lost are passed over, empty.
            while expected > 0, expected < number {
                live.began(segment: expected)
                expected += 1
            }
            live.began(segment: number)
            expected = number + 1
            var rest = ByteBuffer(bytes: try storage.read(number))
            let bytes = rest.readableBytes
            var before = bytes
            while let entries = LogRecord.decode(from: &rest) {
                live.wrote(entries, bytes: before - rest.readableBytes)
                before = rest.readableBytes
                lastID = max(lastID, entries.map(\.id).max() ?? 0)
            }
            guard rest.readableBytes > 0 else { continue }
            damagedBytes += rest.readableBytes
            try storage.truncate(number, to: bytes - rest.readableBytes)
        }
        return (live, Recovery(messages: live.messages, lastID: lastID, damagedBytes: damagedBytes))
    }
}

extension LogEntry {
    fileprivate var id: UInt64 {
        switch self {
        case .stored(let message, _): message.id
        case .moved(let id, _), .done(let id): id
        }
    }
}
