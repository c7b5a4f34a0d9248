/// One row of the table: the same thing measured on both controllers.
struct Figure: Sendable, Hashable {
    /// What a row belongs to; the order is the table's.
    enum Section: String, Sendable, CaseIterable {
        case commandLine = "Command line"
        case ping = "Ping: the whole command, every answer stored"
        case returns = "Returns: several jobs at once, to the last stored return"
        case heldReturns = "Returns: held until all jobs are published, then let go together"
        case signIns = "Sign-ins"
        case cost = "Cost of a node, which must not grow with the fleet"
        case memory = "Memory of the controller, all its processes"
        case node = "One idle node"
        case floor = "Floor: our bare ZMTP sockets"
    }

    /// Which values are better.
    enum Better: String, Sendable {
        case more, less
    }

    /// A unit, with how many of it a value in base units is.
    enum Unit: String, Sendable {
        case milliseconds = "ms"
        case microseconds = "µs"
        case perSecond = "/s"
        case megabytes = "MB"
        case kilobytes = "KB"
    }

    var section: Section
    /// Rows of one kind stand next to each other, in the order in which they came: `ping.cpu` with 100, 1000, …
    var kind: String
    /// With how many nodes it was measured, where that differs.
    var nodes: Int?
    var title: String
    var unit: Unit
    var better: Better

    /// Stable, for programs: `ping.cpu.1000`.
    var id: String { nodes.map { "\(kind).\($0)" } ?? kind }
}

/// What stands in one column of a row.
enum Cell: Sendable, Hashable {
    case measured(Samples)
    /// Could not be measured, though it should have been.
    case failed(reason: String)
    /// Is not measured in this column.
    case none
}

/// Whose figures a column holds.
enum Column: String, Sendable, CaseIterable {
    case muster
    case saltMaster = "salt-master"
}
