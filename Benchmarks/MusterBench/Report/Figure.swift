/// One row of the table: the same thing measured on both controllers.
struct Figure: Sendable, Hashable {
    /// What a row belongs to; the order is the table's.
    enum Section: String, Sendable, CaseIterable {
        case commandLine = "Command line"
        case ping = "Ping: from start to exit of the command, every answer stored"
        case returns = "Returns: jobs published together, until the last return is stored"
        case signIns = "Sign-ins"
        case memory = "Memory of the controller"
        case node = "One idle node"
        case floor = "Floor: our bare ZMTP sockets, without Salt's messages, store or jobs"
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
    /// Stable, for programs: `ping.1000`.
    var id: String
    var title: String
    var unit: Unit
    var better: Better
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
