/// The figures of one run, as they come.
struct Report: Sendable {
    /// A row with what each column has of it.
    struct Row: Sendable {
        var figure: Figure
        var cells: [Column: Cell] = [:]

        func cell(_ column: Column) -> Cell { cells[column] ?? .none }

        /// How many times better we are; nil unless both were measured.
        var ratio: Double? {
            guard case .measured(let ours) = cell(.muster), case .measured(let theirs) = cell(.saltMaster),
                ours.median > 0, theirs.median > 0
            else { return nil }
            switch figure.better {
            case .more: return ours.median / theirs.median
            case .less: return theirs.median / ours.median
            }
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
