/// Rows of text in columns as wide as their widest entry, the last one as wide as it likes.
struct Table {
    let header: [String]
    var rows: [[String]] = []

    /// The lines with the header first; nothing at all without rows.
    func lines(palette: Palette) -> [String] {
        guard !rows.isEmpty else { return [] }
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        func line(_ row: [String]) -> String {
            row.enumerated().map { column, text in
                column == row.count - 1 ? text : text + String(repeating: " ", count: widths[column] - text.count + 2)
            }.joined()
        }
        return [palette.paint(line(header), .bold)] + rows.map { line($0.map { $0.replacingEscapes() }) }
    }

    /// Writes the lines to standard output.
    func print(to console: any Console) throws {
        for line in lines(palette: console.palette(for: .output)) { try console.print(line) }
    }
}
