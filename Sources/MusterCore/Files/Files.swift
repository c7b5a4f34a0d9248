import Glibc

/// The daemons' own files: small, read and written whole.
///
/// Own code on POSIX calls because a node does without Foundation (memory), and because state files must be replaced
/// atomically and with their mode from the first byte.
package enum Files {
    /// What `stat` says about a file, as far as the daemons need it.
    package struct Status: Sendable, Hashable {
        package var mode: UInt32
        package var owner: UInt32
        package var group: UInt32
        package var bytes: Int
        package var inode: UInt64
        /// Nanoseconds since 1970.
        package var modified: Int64

        package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
        package var isRegular: Bool { mode & S_IFMT == S_IFREG }
        /// Whether anybody but the owner may change it.
        package var isWritableByOthers: Bool { mode & 0o022 != 0 }
        package var isExecutable: Bool { mode & 0o111 != 0 }
    }

    /// The status of what a path leads to, nil when there is nothing or it may not be seen.
    package static func status(_ path: String) -> Status? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        return Status(
            mode: info.st_mode, owner: info.st_uid, group: info.st_gid, bytes: Int(info.st_size),
            inode: UInt64(info.st_ino),
            modified: Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec))
    }

    /// The whole content of a file.
    ///
    /// - Parameter limitBytes: what is too large for a file of its kind; a larger one is refused unread.
    package static func read(_ path: String, limitBytes: Int = 64 << 20) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(.read, path, errno) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw FileError(.read, path, errno) }
        guard info.st_mode & S_IFMT != S_IFDIR else { throw FileError(.read, path, EISDIR) }
        guard info.st_size <= limitBytes else { throw FileError(.read, path, EFBIG) }
        // Files of /proc say size 0: read until the end, with the limit on what comes.
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: max(4096, Int(info.st_size) + 1))
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw FileError(.read, path, errno) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limitBytes else { throw FileError(.read, path, EFBIG) }
        }
    }

    /// The content as text, with wrong UTF-8 replaced.
    package static func text(_ path: String) throws(FileError) -> String {
        String(decoding: try read(path), as: UTF8.self)
    }

    /// Replaces or makes a file: readers see the old content or the new one, never a part, also after a power cut.
    package static func write(_ bytes: some Collection<UInt8>, to path: String, mode: UInt32 = 0o600) throws(FileError)
    {
        let temporary = "\(path).\(getpid()).new"
        unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError(.write, path, errno) }
        do throws(FileError) {
            defer { close(descriptor) }
            guard fchmod(descriptor, mode) == 0 else { throw FileError(.write, path, errno) }
            try writeAll(Array(bytes), to: descriptor, path: path)
            guard fsync(descriptor) == 0 else { throw FileError(.write, path, errno) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = FileError(.write, path, errno)
            unlink(temporary)
            throw error
        }
    }

    /// Brings the names in a file's directory to disk: a file that was replaced stays so after a power cut.
    package static func synchronizeDirectory(of path: String) throws(FileError) {
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(.write, folder, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(.write, folder, errno) }
    }

    /// Adds to the end of a file, which is made when it is missing.
    package static func append(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError(.write, path, errno) }
        defer { close(descriptor) }
        try writeAll(bytes, to: descriptor, path: path)
    }

    /// Makes a directory and those above it; one that exists is left as it is.
    package static func makeDirectory(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
        if let status = status(path) {
            guard status.isDirectory else { throw FileError(.makeDirectory, path, ENOTDIR) }
            return
        }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectory(String(path[..<slash]), mode: 0o755)
        }
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw FileError(.makeDirectory, path, errno) }
    }

    /// The names in a directory, sorted, without `.` and `..`; empty when there is no such directory.
    package static func list(_ path: String) -> [String] {
        (try? names(in: path)) ?? []
    }

    /// The names in a directory, sorted, without `.` and `..`.
    ///
    /// - Throws: `FileError` when it is not there or cannot be listed, for want of descriptors too.
    package static func names(in path: String) throws(FileError) -> [String] {
        guard let directory = opendir(path) else { throw FileError(.read, path, errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file; one that is not there is fine.
    package static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError(.remove, path, errno) }
    }

    /// Moves a file within its file system.
    package static func move(_ path: String, to target: String) throws(FileError) {
        guard rename(path, target) == 0 else { throw FileError(.write, target, errno) }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw FileError(.write, path, errno) }
            written += count
        }
    }
}
