import MusterCore
import NIOCore

/// The state of the thread that writes the log; it never leaves that thread.
///
/// Group commit: while one batch is on its way to the disk the next one gathers. A disk that is full is asked again every
/// second, and nothing is confirmed meanwhile; one whose flush fails is not trusted again, since what it had may be gone.
struct LogWriter {
    let queue: LogQueue
    let storage: any SegmentStorage
    let tell: @Sendable (DiskLogEvent) -> Void
    /// Written, and not yet known to be on disk.
    private var written: (position: LogPosition, bytes: Int)?
    private var hasEnded = false

    init(queue: LogQueue, storage: any SegmentStorage, tell: @escaping @Sendable (DiskLogEvent) -> Void) {
        self.queue = queue
        self.storage = storage
        self.tell = tell
    }

    /// Returns after `close`, or when the disk has failed.
    mutating func run() {
        while !hasEnded {
            for work in queue.take() where !hasEnded { perform(work) }
            synchronize()
        }
        tell(.closed)
    }

    private mutating func perform(_ work: LogQueue.Work) {
        let storage = storage
        switch work {
        case .write(let bytes, let position):
            insist { () throws(FileError) in
                // A closure that rethrows would lose the type of the error.
                let result = bytes.withUnsafeReadableBytes { bytes in
                    Result { () throws(FileError) in try storage.write(bytes) }
                }
                try result.get()
            }
            guard !hasEnded else { return }
            written = (position, (written?.bytes ?? 0) + bytes.readableBytes)
        case .begin(let segment):
            synchronize()
            insist { () throws(FileError) in try storage.create(segment) }
        case .delete(let segment):
            synchronize()
            // One that stays is read again at the next start, which does no harm.
            if !hasEnded { try? storage.delete(segment) }
        case .close:
            synchronize()
            hasEnded = true
        }
    }

    private mutating func synchronize() {
        guard let (position, bytes) = written, !hasEnded else { return }
        written = nil
        do throws(FileError) {
            try storage.synchronize()
        } catch {
            return fail(error)
        }
        queue.wrote(bytes: bytes)
        tell(.committed(upTo: position))
    }

    /// Tries until it works, or the log is to close.
    private mutating func insist(_ action: () throws(FileError) -> Void) {
        var hasStalled = false
        while true {
            do throws(FileError) {
                try action()
                break
            } catch {
                guard !queue.isClosing else { return fail(error) }
                if !hasStalled {
                    queue.setStalled(true)
                    tell(.stalled(error))
                }
                hasStalled = true
                queue.pause(milliseconds: 1000)
            }
        }
        guard hasStalled else { return }
        queue.setStalled(false)
        tell(.resumed)
    }

    private mutating func fail(_ error: FileError) {
        written = nil
        hasEnded = true
        queue.fail()
        tell(.failed(error))
    }
}
