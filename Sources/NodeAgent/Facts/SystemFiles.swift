#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// The files of the machine, below a root that tests can move to a captured tree.
///
/// Reading follows `open` and `read` to the end of the file, since the kernel's files have no size. What cannot be read
/// is nil: a fact that a machine does not tell is a fact that it does not have.
package struct SystemFiles: Sendable {
    /// Empty for the machine's own root, else a directory without a trailing slash.
    package let root: String

    private static let sizeLimit = 32 << 20

    package init(root: String = "") { self.root = root }

    /// The bytes of a file, nil when it cannot be read.
    package func bytes(_ path: String) -> [UInt8]? {
        let descriptor = open(root + path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < Self.sizeLimit {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// The text of a file; bytes that are no UTF-8 become replacement characters.
    package func text(_ path: String) -> String? {
        bytes(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The text of a file without the white space around it.
    package func trimmedText(_ path: String) -> String? { text(path).map(\.trimmed) }

    /// The lines of a file; none when it cannot be read.
    package func lines(_ path: String) -> [Substring] {
        text(path)?.split(separator: "\n", omittingEmptySubsequences: true) ?? []
    }

    /// Whether there is a file of any kind, links followed.
    package func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

    /// Whether there is a directory.
    package func isDirectory(_ path: String) -> Bool { mode(path).map { $0 & S_IFMT == S_IFDIR } ?? false }

    /// Whether there is a regular file.
    package func isFile(_ path: String) -> Bool { mode(path).map { $0 & S_IFMT == S_IFREG } ?? false }

    /// Whether there is a regular file that this process may run.
    package func isExecutable(_ path: String) -> Bool { isFile(path) && access(root + path, X_OK) == 0 }

    /// The names in a directory, sorted; none when it cannot be read.
    package func names(in path: String) -> [String] {
        guard let directory = opendir(root + path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Where a symbolic link points, nil when it is none.
    package func linkTarget(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(root + path, $0, text.count) } ?? -1
            }
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// Device and inode of what a path leads to, to tell whether two paths are one place.
    package func identity(_ path: String) -> [UInt64]? {
        var status = stat()
        guard stat(root + path, &status) == 0 else { return nil }
        return [UInt64(status.st_dev), UInt64(status.st_ino)]
    }

    private func mode(_ path: String) -> mode_t? {
        var status = stat()
        return stat(root + path, &status) == 0 ? status.st_mode : nil
    }
}

extension StringProtocol {
    /// The text without white space at both ends.
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }

    /// The words between white space, as Python's `split()`.
    var words: [SubSequence] { split(whereSeparator: \.isWhitespace) }

    /// Whether another text occurs in this one.
    func has(_ other: String) -> Bool { firstRange(of: other) != nil }

    private func firstRange(of other: String) -> Void? {
        let needle = Array(other.utf8)
        let haystack = Array(utf8)
        guard needle.count <= haystack.count else { return nil }
        if needle.isEmpty { return () }
        for start in 0...(haystack.count - needle.count)
        where haystack[start] == needle[0] && haystack[start..<start + needle.count].elementsEqual(needle) {
            return ()
        }
        return nil
    }

    /// The text without one pair of quotes around it.
    var unquoted: String {
        for quote in ["\"", "'"] where count >= 2 && hasPrefix(quote) && hasSuffix(quote) {
            return String(dropFirst().dropLast())
        }
        return String(self)
    }
}
