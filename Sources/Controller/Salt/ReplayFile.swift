package import MusterCore
package import SaltProtocol

/// The nonces of all nodes over a restart: written when the controller stops in order, removed when it opens its ports.
///
/// A start that finds no file follows a crash, or is the first one. What was served before is then not known, and the
/// controller makes new session keys, under which no recorded request opens.
///
///     muster replays 1
///     HORIZON NEWEST MARKS ID        times in seconds; MARKS in hexadecimal, joined by commas, `-` for none
package struct ReplayFile: Sendable {
    private static let head = "muster replays 1"
    /// 100 000 nodes with all the marks they may have.
    private static let limitBytes = 128 << 20

    private let path: String

    package init(_ path: String) { self.path = path }

    /// What was written; nil when there is no file, or one that is damaged.
    package func read() throws(FileError) -> [NodeID: ReplayMemory.Record]? {
        guard Files.status(path) != nil else { return nil }
        let text = String(decoding: try Files.read(path, limitBytes: ReplayFile.limitBytes), as: UTF8.self)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        guard lines.popFirst().map(String.init) == ReplayFile.head, lines.popLast() == "" else { return nil }
        var records: [NodeID: ReplayMemory.Record] = [:]
        for line in lines {
            guard let (node, record) = ReplayFile.record(line) else { return nil }
            records[node] = record
        }
        return records
    }

    package func write(_ records: [NodeID: ReplayMemory.Record]) throws(FileError) {
        var text = ReplayFile.head + "\n"
        for (node, record) in records {
            let marks = record.marks.map { String($0, radix: 16) }.joined(separator: ",")
            text += "\(record.horizon) \(record.newest) \(marks.isEmpty ? "-" : marks) \(node)\n"
        }
        try Files.write(Array(text.utf8), to: path, mode: 0o600)
    }

    package func remove() throws(FileError) { try Files.remove(path) }

    private static func record(_ line: Substring) -> (NodeID, ReplayMemory.Record)? {
        let parts = line.split(separator: " ", maxSplits: 3)
        guard parts.count == 4, let horizon = Int64(parts[0]), let newest = Int64(parts[1]),
            let node = NodeID(String(parts[3]))
        else { return nil }
        let words = parts[2] == "-" ? [] : parts[2].split(separator: ",")
        let marks = words.compactMap { UInt64($0, radix: 16) }
        guard marks.count == words.count else { return nil }
        return (node, ReplayMemory.Record(horizon: horizon, newest: newest, marks: marks))
    }
}
