#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file of a unix socket: made ready before it is bound, owner-only afterwards, removed at the end.
struct SocketFile: Sendable {
    /// Which file it is, to remove at the end only what is ours.
    struct Identity: Sendable, Hashable {
        var device: UInt64
        var inode: UInt64
    }

    let path: String

    /// Creates missing folders (0700) and removes a socket that nobody listens at any more.
    func prepare() throws(APIServerError) {
        guard path.utf8.count < SocketFile.maxPathBytes else {
            throw .pathTooLong(path: path, limitBytes: SocketFile.maxPathBytes - 1)
        }
        try createFolder(of: path)
        guard let mode = status()?.mode else { return }
        guard mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        guard !isAnswered else { throw .inUse(path: path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove the stale socket", errno) }
    }

    /// Takes the rights of everybody but the owner away and says which file it is.
    func restrict() throws(APIServerError) -> Identity {
        guard chmod(path, 0o600) == 0, let identity = status()?.identity else { throw failure("restrict", errno) }
        return identity
    }

    /// Removes the file if it still is the one that was bound.
    func remove(_ identity: Identity) {
        if status()?.identity == identity { unlink(path) }
    }

    private static var maxPathBytes: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) }

    private func createFolder(of path: String) throws(APIServerError) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else { return }
        let folder = String(path[..<slash])
        guard mkdir(folder, 0o700) != 0, errno != EEXIST else { return }
        guard errno == ENOENT else { throw failure("create the folder of", errno) }
        try createFolder(of: folder)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure("create the folder of", errno) }
    }

    private func status() -> (mode: mode_t, identity: Identity)? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return (status.st_mode, Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)))
    }

    /// Whether a process accepts connections at the socket.
    private var isAnswered: Bool {
        #if os(Linux)
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    private func failure(_ step: String, _ code: Int32) -> APIServerError {
        .fileFailure(step: step, path: path, reason: String(cString: strerror(code)))
    }
}
