import MCollectiveProtocol

/// Names side by side, as many in a line as ninety characters hold.
///
/// Source: MCollective 2.12, `util.rb`, `field_size`, `field_number`.
enum NameColumns {
    /// The width of a column: the longest text, and not less than this.
    static func width(_ texts: [String], atLeast least: Int) -> Int {
        max(least, texts.map(\.unicodeScalars.count).max() ?? 0)
    }

    /// The lines of some names, in their order. Spaces at the ends of lines stay, as the original prints them.
    static func lines(_ names: [String]) -> [String] {
        let width = width(names, atLeast: 30)
        let count = max(1, 90 / width)
        return groups(names, of: count).map { row in "   " + row.map { " " + RubyText.padded($0, width) }.joined() }
    }

    /// Groups of a size, the last one filled with empty texts.
    static func groups(_ names: [String], of size: Int) -> [[String]] {
        stride(from: 0, to: names.count, by: size).map { start in
            let row = names[start..<min(start + size, names.count)]
            return row + Array(repeating: "", count: size - row.count)
        }
    }
}

extension Sequence<String> {
    /// Sorted as Ruby sorts texts: by their bytes.
    func sortedByBytes() -> [String] { sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
}
