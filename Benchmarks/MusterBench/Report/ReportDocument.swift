import MusterCore

/// The report for programs: every sample, with stable keys.
struct ReportDocument {
    let report: Report

    var text: String { JSON.text(value, layout: .indented(2)) + "\n" }

    var value: Value {
        [
            "machine": report.machine.document,
            "figures": .array(report.rows.map(figure)),
            "notes": .array(report.notes.map { .string($0) }),
        ]
    }

    private func figure(_ row: Report.Row) -> Value {
        var map: ValueMap = [
            "id": .string(row.figure.id),
            "section": .string(row.figure.section.rawValue),
            "title": .string(row.figure.title),
            "unit": .string(row.figure.unit.rawValue),
            "better": .string(row.figure.better.rawValue),
        ]
        for column in Column.allCases { map[column.rawValue] = cell(row.cell(column)) }
        map["ratio"] = row.ratio.map { .double($0) } ?? .null
        return .map(map)
    }

    private func cell(_ cell: Cell) -> Value {
        switch cell {
        case .none: .null
        case .failed(let reason): ["failed": .string(reason)]
        case .measured(let samples):
            [
                "median": .double(samples.median), "lowest": .double(samples.lowest),
                "highest": .double(samples.highest), "samples": .array(samples.values.map { .double($0) }),
            ]
        }
    }
}
