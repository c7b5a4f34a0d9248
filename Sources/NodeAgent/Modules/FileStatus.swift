import Glibc
import MusterCore

/// What the file system knows about one path, and changes of it. Errors name the path and the system's reason.
struct FileStatus {
    let path: String
    private let status: stat

    /// Nil when there is nothing.
    init?(_ path: String, followsLinks: Bool = true) {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        self.path = path
        self.status = status
    }

    enum Kind: String {
        case file, dir, link, char, block, pipe, socket, unknown
    }

    var kind: Kind {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .dir
        case S_IFLNK: .link
        case S_IFCHR: .char
        case S_IFBLK: .block
        case S_IFIFO: .pipe
        case S_IFSOCK: .socket
        default: .unknown
        }
    }

    var size: Int64 { Int64(status.st_size) }
    var inode: UInt64 { UInt64(status.st_ino) }
    var userID: UInt32 { status.st_uid }
    var groupID: UInt32 { status.st_gid }
    var accessed: Double { Self.seconds(status.st_atim) }
    var modified: Double { Self.seconds(status.st_mtim) }
    var changed: Double { Self.seconds(status.st_ctim) }
    /// The permissions with the kind of the file above them.
    var rawMode: UInt32 { UInt32(status.st_mode) }
    var permissions: UInt32 { rawMode & 0o7777 }
    var user: String { Accounts.user(id: userID)?.name ?? String(userID) }
    var group: String { Accounts.groupName(id: groupID) ?? String(groupID) }

    /// Four octal digits, as Salt shows modes.
    var mode: String {
        let digits = String(permissions, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func seconds(_ time: timespec) -> Double { Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 }
}

/// Reading and changing files by path, with the system's reason in every error.
enum FileAccess {
    private static let sizeLimit = 256 << 20

    static func failure(_ action: String, _ path: String) -> FunctionError {
        .failed(reason: "cannot \(action) \(path): \(String(cString: strerror(errno)))")
    }

    /// All bytes of a file.
    static func read(_ path: String, from offset: Int64 = 0, limit: Int? = nil) throws(FunctionError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("read", path) }
        defer { close(descriptor) }
        if offset > 0, lseek(descriptor, off_t(offset), SEEK_SET) < 0 { throw failure("seek in", path) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        let wanted = limit ?? Int.max
        while bytes.count < wanted {
            let count = Glibc.read(descriptor, &chunk, min(chunk.count, wanted - bytes.count))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
            guard bytes.count <= sizeLimit else {
                throw .failed(reason: "cannot read \(path): larger than \(sizeLimit >> 20) MiB")
            }
        }
        return bytes
    }

    static func text(_ path: String) throws(FunctionError) -> String { String(decoding: try read(path), as: UTF8.self) }

    /// Replaces a file whole: written beside it, with its mode and owner, then renamed over it.
    static func replace(_ path: String, with bytes: [UInt8]) throws(FunctionError) {
        var target = path
        if let resolved = realpath(path, nil) {
            target = String(cString: resolved)
            free(resolved)
        }
        let old = FileStatus(target)
        let temporary = "\(target).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
        do throws(FunctionError) {
            try write(bytes, to: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: old?.permissions ?? 0o644)
            if let old {
                guard chown(temporary, old.userID, old.groupID) == 0 || geteuid() != 0 else {
                    throw failure("give away", temporary)
                }
                guard chmod(temporary, mode_t(old.permissions)) == 0 else {
                    throw failure("change the mode of", temporary)
                }
            }
            guard Glibc.rename(temporary, target) == 0 else { throw failure("replace", target) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    static func write(_ bytes: [UInt8], to path: String, flags: Int32, mode: UInt32 = 0o666) throws(FunctionError) {
        let descriptor = open(path, flags | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw failure("write", path) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("write", path) }
            rest = rest.dropFirst(count)
        }
    }

    /// Appends lines to a file, making it.
    static func append(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o666) throws(FunctionError) {
        try write(bytes, to: path, flags: O_WRONLY | O_CREAT | O_APPEND, mode: mode)
    }

    static func names(in path: String) throws(FunctionError) -> [String] {
        guard let directory = opendir(path) else { throw failure("list", path) }
        closedir(directory)
        return SystemFiles().names(in: path)
    }

    /// Makes a directory with its parents.
    static func makeDirectories(_ path: String, mode: UInt32 = 0o777) throws(FunctionError) {
        if FileStatus(path)?.kind == .dir || path.isEmpty { return }
        let parent = parent(of: path)
        if parent != path { try makeDirectories(parent) }
        guard mkdir(path, mode_t(mode)) == 0 || errno == EEXIST else { throw failure("make", path) }
    }

    /// Removes a file, a link or a whole directory; links are never followed.
    static func remove(_ path: String) throws(FunctionError) {
        if FileStatus(path, followsLinks: false)?.kind == .dir {
            for name in try names(in: path) { try remove("\(path)/\(name)") }
            guard rmdir(path) == 0 else { throw failure("remove", path) }
        } else {
            guard unlink(path) == 0 else { throw failure("remove", path) }
        }
    }

    /// Python's `os.path.basename`.
    static func name(of path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    }

    /// Python's `os.path.dirname`.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        let head = path[..<slash]
        return head.allSatisfy { $0 == "/" } ? "/" : String(head.reversed().drop { $0 == "/" }.reversed())
    }

    /// `~` is the home of the node's user, as Python expands it.
    static func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/") else { return path }
        return (Accounts.user(id: geteuid())?.home ?? "") + path.dropFirst()
    }
}
