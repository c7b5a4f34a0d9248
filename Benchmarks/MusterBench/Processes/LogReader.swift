import Glibc
import MusterCore

/// Reads the lines that a program adds to a file, each once.
struct LogReader {
    let path: String
    private var offset = 0
    private var rest: [UInt8] = []
    /// Read, and not asked for.
    private var unread: ArraySlice<String> = []

    init(path: String) {
        self.path = path
    }

    /// The next whole line; nil while there is none.
    mutating func next() throws(FileError) -> String? {
        if unread.isEmpty { unread = try newLines()[...] }
        return unread.popFirst()
    }

    /// Whole lines that have come since the last call; none while there is no file.
    mutating func newLines() throws(FileError) -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw FileError(.read, path, errno)
        }
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(offset))
            guard count >= 0 else { throw FileError(.read, path, errno) }
            guard count > 0 else { break }
            offset += count
            rest += chunk[..<count]
        }
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let lines = rest[..<end].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        rest.removeSubrange(...end)
        return lines
    }
}
