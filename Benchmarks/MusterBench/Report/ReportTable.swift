/// The report as text: Markdown tables that also read well in a terminal.
struct ReportTable {
    let report: Report

    var text: String {
        var lines = report.machine.lines + [""]
        for table in Figure.Table.allCases {
            let rows = laidOut(table)
            guard rows.count > 1 else { continue }
            let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
            for (index, row) in rows.enumerated() {
                lines.append(line(row, widths))
                if index == 0 { lines.append(line(widths.map { String(repeating: "-", count: $0) }, widths)) }
            }
            lines.append("")
        }
        lines += report.rows.flatMap(failures) + report.notes
        return lines.joined(separator: "\n")
    }

    /// The header, then each section's title with its rows below.
    private func laidOut(_ table: Figure.Table) -> [[String]] {
        var rows = [["What"] + table.columns.map(title) + ["ratio"]]
        for section in Figure.Section.allCases where section.table == table {
            let members = report.rows.filter { $0.figure.section == section }
            guard !members.isEmpty else { continue }
            rows.append(["**\(section.rawValue)**"] + table.columns.map { _ in "" } + [""])
            rows += members.map { row in
                [row.figure.title] + table.columns.map { FigureText.cell(row.cell($0), row.figure.unit) }
                    + [FigureText.ratio(row.ratio)]
            }
        }
        return rows
    }

    private func title(_ column: Column) -> String {
        switch column {
        case .muster: "Muster \(report.machine.musterVersion)"
        case .saltMaster: "salt-master \(SaltMaster.release)"
        case .rabbitMQ, .activeMQ: column.rawValue
        }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = zip(cells, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
        return "| " + padded.joined(separator: " | ") + " |"
    }

    private func failures(_ row: Report.Row) -> [String] {
        Column.allCases.compactMap { column in
            guard case .failed(let reason) = row.cell(column) else { return nil }
            return "FAILED: \(row.figure.title), \(column.rawValue): \(reason)"
        }
    }
}
