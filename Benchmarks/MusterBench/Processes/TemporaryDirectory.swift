import Foundation

/// A directory of its own for a short time, readable by nobody else.
struct TemporaryDirectory: Sendable {
    /// Short: the sockets of a Salt master below it have 107 bytes for their path.
    let path: String

    init() throws(BenchFailure) {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let below = parent.hasPrefix("/") && parent.utf8.count < 40 ? parent : "/tmp"
        var template = Array("\(below)/mb-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw BenchFailure("no directory can be made in \(below): \(String(cString: strerror(errno)))")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Removes it with all that is in it; what cannot be removed is left to the system.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
