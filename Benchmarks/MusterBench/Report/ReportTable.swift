/// The report as text: a Markdown table that also reads well in a terminal.
struct ReportTable {
    let report: Report

    var text: String {
        var lines = report.machine.lines + [""]
        let rows = laidOut
        let widths = (0..<header.count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for (index, row) in rows.enumerated() {
            lines.append(line(row, widths))
            if index == 0 { lines.append(line(widths.map { String(repeating: "-", count: $0) }, widths)) }
        }
        lines.append("")
        lines += report.rows.flatMap(failures) + report.notes
        return lines.joined(separator: "\n")
    }

    private var header: [String] {
        ["What", "Muster \(report.machine.musterVersion)", "salt-master \(SaltMaster.release)", "ratio"]
    }

    /// The header, then each section's title with its rows below.
    private var laidOut: [[String]] {
        var rows = [header]
        for section in Figure.Section.allCases {
            let members = report.rows.filter { $0.figure.section == section }
            guard !members.isEmpty else { continue }
            rows.append(["**\(section.rawValue)**", "", "", ""])
            rows += members.map { row in
                [
                    row.figure.title, FigureText.cell(row.cell(.muster), row.figure.unit),
                    FigureText.cell(row.cell(.saltMaster), row.figure.unit), FigureText.ratio(row.ratio),
                ]
            }
        }
        return rows
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
