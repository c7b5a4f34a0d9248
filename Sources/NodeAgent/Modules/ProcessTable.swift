/// The running processes, from `/proc`.
struct ProcessTable {
    struct Entry: Sendable, Hashable {
        let id: Int
        let user: String
        /// The command line; a kernel thread's name in brackets.
        let command: String
    }

    /// All processes in the order of their ids, without those that end while they are read.
    static func all(_ files: SystemFiles) -> [Entry] {
        var names: [UInt32: String] = [:]
        return files.names(in: "/proc").compactMap { Int($0) }.sorted().compactMap { id -> Entry? in
            guard let status = files.text("/proc/\(id)/status") else { return nil }
            let lines = status.split(separator: "\n")
            func value(_ name: String) -> Substring? {
                lines.first { $0.hasPrefix(name) }?.words.dropFirst().first
            }
            let userID = value("Uid:").flatMap { UInt32($0) } ?? 0
            let user = names[userID] ?? Accounts.user(id: userID)?.name ?? String(userID)
            names[userID] = user
            let words = (files.bytes("/proc/\(id)/cmdline") ?? []).split(separator: 0)
            let command =
                words.isEmpty
                ? "[\(value("Name:") ?? "")]" : words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
            return Entry(id: id, user: user, command: command)
        }
    }
}
