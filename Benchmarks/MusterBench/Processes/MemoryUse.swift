/// The memory of one or more processes, in bytes.
struct MemoryUse: Sendable, Hashable {
    /// What is shared with other processes counts in parts: sums are true.
    var proportional = 0
    /// What is shared counts in full, in each process.
    var resident = 0

    init() {}

    /// Reads `/proc/PID/smaps_rollup`; nil when the text is no such file.
    init?(rollup text: String) {
        func bytes(_ name: String) -> Int? {
            for line in text.split(separator: "\n") where line.hasPrefix(name) {
                let words = line.split(separator: " ")
                return words.count == 3 && words[2] == "kB" ? Int(words[1]).map { $0 * 1024 } : nil
            }
            return nil
        }
        guard let proportional = bytes("Pss:"), let resident = bytes("Rss:") else { return nil }
        self.proportional = proportional
        self.resident = resident
    }

    static func + (left: MemoryUse, right: MemoryUse) -> MemoryUse {
        var sum = left
        sum.proportional += right.proportional
        sum.resident += right.resident
        return sum
    }
}
