import MusterCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A directory of its own for a short time, readable by nobody else.
struct TemporaryDirectory: Sendable {
    let path: String

    /// Below TMPDIR, or `/tmp` when that is not set or too long for the path of a socket.
    ///
    /// - Throws: `CommandFailure` when it cannot be made.
    init(below parent: String?) throws(CommandFailure) {
        let parent = parent.flatMap { $0.hasPrefix("/") && $0.utf8.count < 64 ? $0 : nil } ?? "/tmp"
        var template = Array("\(parent)/muster-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(.failure, "no directory can be made in \(parent): \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes it with everything in it. Links are removed, not followed.
    func remove() { Self.remove(path) }

    private static func remove(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        for name in Files.list(path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
