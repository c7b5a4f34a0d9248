import Foundation
import MusterCore
import Synchronization

/// The files of a database: made private, and held by one process at a time.
enum DatabaseFile {
    /// Held while the store is open; the kernel lets go of it when the process dies.
    final class Lock: Sendable {
        private let descriptor: Mutex<Int32?>

        fileprivate init(descriptor: Int32) { self.descriptor = Mutex(descriptor) }

        deinit { release() }

        /// Lets the next one open the file.
        func release() {
            descriptor.withLock { descriptor in
                if let open = descriptor { _ = Foundation.close(open) }
                descriptor = nil
            }
        }
    }

    /// Makes the directory (0700) and the file (0600) when they are missing, closes an existing file to others, and
    /// takes the lock. SQLite gives `-wal` and `-shm` the mode of the file.
    ///
    /// - Throws: `StoreError.cannotOpen`, `.inUse`.
    static func prepare(_ path: String) throws -> Lock {
        func failure(_ what: String) -> StoreError {
            .cannotOpen(place: path, reason: "\(what): \(String(cString: strerror(errno)))")
        }
        let directory = (path as NSString).deletingLastPathComponent
        if !directory.isEmpty {
            do {
                try FileManager.default.createDirectory(
                    atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw failure("making \(directory)")
            }
        }
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw failure("\(path).lock") }
        let held = Lock(descriptor: lock)
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw StoreError.inUse(place: path) }

        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("opening the file") }
        defer { _ = Foundation.close(file) }
        guard fchmod(file, 0o600) == 0 else { throw failure("setting mode 0600") }
        return held
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether the file system has more left than an empty database takes.
    static func hasRoom(for path: String) -> Bool {
        var info = statvfs()
        guard statvfs((path as NSString).deletingLastPathComponent, &info) == 0 else { return true }
        return UInt64(info.f_bavail) * UInt64(info.f_frsize) >= 1 << 20
    }

    /// Takes a database that was never finished away, with what belongs to it.
    static func remove(_ path: String) {
        for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) }
    }
}
