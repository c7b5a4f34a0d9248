import Glibc
package import MusterCore
import Synchronization

/// Segments as files of one directory, which only one process uses at a time.
package final class SegmentDirectory: SegmentStorage {
    /// The segment that is open.
    private struct Open: Sendable {
        var descriptor: Int32 = -1
        var path = ""
        var bytes = 0
        /// Whether a part of what failed stands at the end, where it would hide what is written after it.
        var isTorn = false

        mutating func write(_ bytes: UnsafeRawBufferPointer) -> FileError? {
            if isTorn, ftruncate(descriptor, off_t(self.bytes)) != 0 { return FileError(.write, path, errno) }
            isTorn = false
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    let error = FileError(.write, path, errno)
                    isTorn = ftruncate(descriptor, off_t(self.bytes)) != 0
                    return error
                }
                written += count
            }
            self.bytes += written
            return nil
        }
    }

    private let directory: String
    private let lock: Int32
    private let open = Mutex(Open())

    /// Makes the directory if need be.
    ///
    /// - Throws: `FileError` with `EWOULDBLOCK` when another process has it.
    package init(_ directory: String) throws(FileError) {
        try Files.makeDirectory(directory)
        self.directory = directory
        let path = "\(directory)/lock"
        lock = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw FileError(.write, path, errno) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let error = FileError(.write, path, errno)
            close(lock)
            throw error
        }
    }

    deinit {
        close(lock)
        open.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
    }

    package func create(_ number: Int) throws(FileError) {
        let path = path(number)
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(.write, path, errno) }
        do throws(FileError) {
            try synchronizeNames()
        } catch {
            // So that it can be tried again.
            close(descriptor)
            unlink(path)
            throw error
        }
        open.withLock { open in
            if open.descriptor >= 0 { close(open.descriptor) }
            open = Open(descriptor: descriptor, path: path)
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        let failure = open.withLock { $0.write(bytes) }
        if let failure { throw failure }
    }

    package func synchronize() throws(FileError) {
        let (descriptor, path) = open.withLock { ($0.descriptor, $0.path) }
        guard fdatasync(descriptor) == 0 else { throw FileError(.write, path, errno) }
    }

    package func delete(_ number: Int) throws(FileError) { try Files.remove(path(number)) }

    package func list() throws(FileError) -> [Int] {
        try Files.names(in: directory).compactMap { name in
            name.hasSuffix(".log") ? Int(name.dropLast(4), radix: 16) : nil
        }.sorted()
    }

    package func read(_ number: Int) throws(FileError) -> [UInt8] {
        try Files.read(path(number), limitBytes: .max)
    }

    package func truncate(_ number: Int, to bytes: Int) throws(FileError) {
        guard Glibc.truncate(path(number), off_t(bytes)) == 0 else { throw FileError(.write, path(number), errno) }
    }

    /// The names of new segments must survive, too.
    private func synchronizeNames() throws(FileError) {
        let folder = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw FileError(.write, directory, errno) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw FileError(.write, directory, errno) }
    }

    private func path(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "\(directory)/\(String(repeating: "0", count: max(0, 16 - digits.count)))\(digits).log"
    }
}
