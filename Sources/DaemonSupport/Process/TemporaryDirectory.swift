package import MusterCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A directory of its own for a short time, readable by nobody else. Who made it removes it.
package struct TemporaryDirectory: Sendable {
    package let path: String

    /// What the environment names for such directories.
    package static var parent: String? { getenv("TMPDIR").map { String(cString: $0) } }

    /// - Parameters:
    ///   - name: What its own name begins with; short, since sockets below it have 107 bytes for their path.
    ///   - parent: Where it is made; `/tmp` when that is nil, relative, or itself too long for such sockets.
    /// - Throws: `FileError` when it cannot be made.
    package init(_ name: String, below parent: String? = TemporaryDirectory.parent) throws(FileError) {
        let parent = parent.flatMap { $0.hasPrefix("/") && $0.utf8.count < 40 ? $0 : nil } ?? "/tmp"
        var template = Array("\(parent)/\(name)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError(.makeDirectory, "\(parent)/\(name)-…", errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Where a file in it is, or would be.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Removes it with everything in it; what cannot be removed is left to the system. Links are removed, not followed.
    package func remove() { Self.remove(path) }

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
