/// The lines of a `server.cfg`, `client.cfg` or `plugin.d/NAME.cfg`.
///
///     line = "#" … | [ key "=" value ]
///
/// The first sign separates; blanks around it and at the end of the line do not count; a `#` later in a line belongs to
/// the value; what is no pair is passed over, as by the peers.
///
/// Source: MCollective 2.12, `lib/mcollective/config.rb`, `loadconfig`.
struct ConfigurationText {
    /// One option as it is written.
    struct Entry: Hashable {
        var key: String
        var value: String
        /// Counted from one.
        var line: Int
    }

    let entries: [Entry]
    /// Lines that are neither a comment nor a pair.
    let ignoredLines: [Int]

    init(_ text: String) {
        var entries: [Entry] = []
        var ignored: [Int] = []
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (place, line) in lines.enumerated() {
            let line = line.reversed().drop(while: \.isWhitespace).reversed()
            guard let first = line.first, first != "#" else { continue }
            let parts = String(line).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts.first.map { String($0).trimmingBlanks } ?? ""
            let value = parts.count == 2 ? String(parts[1]).trimmingBlanks : ""
            if key.isEmpty || value.isEmpty {
                ignored.append(place + 1)
            } else {
                entries.append(Entry(key: key, value: value, line: place + 1))
            }
        }
        self.entries = entries
        ignoredLines = ignored
    }
}
