/// One row of a table: the same thing measured on each controller, or each broker.
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
        case brokerRates = "Messages of 1 KB in memory"
        case brokerPersistent = "Messages of 1 KB, each confirmed when it is on disk"
        case brokerLatency = "From write to read, at 1000 messages of 1 KB a second"
        case brokerMemory = "Memory of the broker, all its processes"

        /// Which table it is in.
        var table: Table {
            switch self {
            case .commandLine, .ping, .returns, .heldReturns, .signIns, .cost, .memory, .node, .floor: .controllers
            case .brokerRates, .brokerPersistent, .brokerLatency, .brokerMemory: .brokers
            }
        }
    }

    /// What is compared with what.
    enum Table: Sendable, CaseIterable {
        case controllers, brokers

        /// Ours first.
        var columns: [Column] {
            switch self {
            case .controllers: [.muster, .saltMaster]
            case .brokers: [.muster, .rabbitMQ, .activeMQ]
            }
        }
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
    case rabbitMQ = "RabbitMQ"
    case activeMQ = "ActiveMQ"
}
