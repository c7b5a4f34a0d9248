/// The figures of one run, as they come.
struct Report: Sendable {
    /// A row with what each column has of it.
    struct Row: Sendable {
        var figure: Figure
        var cells: [Column: Cell] = [:]

        func cell(_ column: Column) -> Cell { cells[column] ?? .none }

        /// How many times better we are than the best of the others; nil unless ours and one of theirs were measured.
        var ratio: Double? {
            let others = figure.section.table.columns.filter { $0 != .muster }.compactMap(median)
            guard let ours = median(.muster) else { return nil }
            switch figure.better {
            case .more: return others.max().map { ours / $0 }
            case .less: return others.min().map { $0 / ours }
            }
        }

        /// Of what was measured and is not nothing.
        private func median(_ column: Column) -> Double? {
            guard case .measured(let samples) = cell(column), samples.median > 0 else { return nil }
            return samples.median
        }
    }

    var machine: Machine
    /// What the reader of the table must know.
    private(set) var notes: [String] = []
    private var found: [Row] = []

    init(machine: Machine) {
        self.machine = machine
    }

    /// By section and kind; within both in the order in which they came.
    var rows: [Row] {
        Figure.Section.allCases.flatMap { section in
            let rows = found.filter { $0.figure.section == section }
            let kinds = rows.map(\.figure.kind)
            return kinds.enumerated().filter { kinds.firstIndex(of: $1) == $0 }
                .flatMap { _, kind in rows.filter { $0.figure.kind == kind } }
        }
    }

    /// Whether something that should have been measured was not.
    var isIncomplete: Bool {
        found.contains { row in
            row.cells.values.contains { cell in
                if case .failed = cell { true } else { false }
            }
        }
    }

    /// Whether a column of a row is filled, with a value or a failure.
    func has(_ figure: Figure, _ column: Column) -> Bool {
        found.contains { $0.figure.id == figure.id && $0.cells[column] != nil }
    }

    mutating func record(_ figure: Figure, _ cell: Cell, for column: Column) {
        if let index = found.firstIndex(where: { $0.figure.id == figure.id }) {
            found[index].cells[column] = cell
        } else {
            found.append(Row(figure: figure, cells: [column: cell]))
        }
    }

    /// A note that is there already is not repeated.
    mutating func note(_ text: String) {
        if !notes.contains(text) { notes.append(text) }
    }
}
