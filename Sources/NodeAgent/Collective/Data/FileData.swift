import Glibc
import MCollectiveProtocol
import MusterCore
import SaltProtocol

extension DataPlugin {
    /// What the file system says of a path.
    static let fstat = DataPlugin("fstat") { query, _ in try FileDescription.outputs(of: query ?? "", at: .now) }
}

/// The outputs of `fstat` and of the agent `filemgr`, which are the same.
///
/// Source: MCollective 2.12, `data/fstat_data.rb`.
enum FileDescription {
    /// The largest file whose digest is made: reading more would take longer than the query may.
    private static let largestDigest: Int64 = 64 << 20

    /// - Parameter now: what the ages are counted from.
    static func outputs(of path: String, at now: Timestamp) throws -> RubyHash {
        // What a link leads to decides whether there is something; then the link itself is described.
        guard FileStatus(path) != nil, let status = FileStatus(path, followsLinks: false) else { return absent(path) }
        var outputs = RubyHash(outputs: [
            "name": .text(path), "output": "present", "present": 1, "size": .int(status.size),
            "mode": .text(String(status.rawMode, radix: 8)), "md5": 0, "uid": .int(Int64(status.userID)),
            "gid": .int(Int64(status.groupID)), "type": .text(type(status.kind)),
        ])
        if status.kind == .file, status.size <= largestDigest {
            // Never more than its size, and nothing of those without one: files of the kernel may have no end.
            let bytes = status.size > 0 ? try FileAccess.read(path, limit: Int(status.size)) : []
            outputs[.symbol("md5")] = .text(try DigestAlgorithm.md5.hex(bytes))
        }
        for (name, time) in [("mtime", status.modified), ("ctime", status.changed), ("atime", status.accessed)] {
            let seconds = Int64(time.rounded(.down))
            outputs[.symbol(name)] = .text(LocalTime.text(seconds, "%Y-%m-%d %H:%M:%S"))
            outputs[.symbol("\(name)_seconds")] = .int(seconds)
            outputs[.symbol("\(name)_age")] = .int(now.seconds - seconds)
        }
        return outputs
    }

    private static func absent(_ path: String) -> RubyHash {
        let numbers = [
            "present", "size", "mtime", "ctime", "atime", "mtime_seconds", "ctime_seconds", "atime_seconds", "md5",
            "uid",
            "gid",
        ]
        return RubyHash(
            [
                (.symbol("name"), .text(path)), (.symbol("output"), "not present"), (.symbol("type"), "unknown"),
                (.symbol("mode"), "0000"),
            ] + numbers.map { (.symbol($0), 0) })
    }

    private static func type(_ kind: FileStatus.Kind) -> String {
        switch kind {
        case .file: "file"
        case .dir: "directory"
        case .link: "symlink"
        case .char: "chardev"
        case .block: "blockdev"
        case .socket: "socket"
        case .pipe, .unknown: "unknown"
        }
    }
}

/// Times in the time zone of the machine, as the peers show them.
enum LocalTime {
    /// - Parameter format: of `strftime`.
    static func text(_ seconds: Int64, _ format: String) -> String {
        var time = time_t(seconds)
        var parts = tm()
        guard localtime_r(&time, &parts) != nil else { return "" }
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
