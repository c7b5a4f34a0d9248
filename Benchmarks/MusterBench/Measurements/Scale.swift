/// How much is measured.
struct Scale: Sendable, Hashable {
    /// Nodes of the stages, ascending. salt-master gets those up to `saltNodes`.
    var sizes: [Int]
    var saltNodes = 1000
    var signIns = 1000
    /// Of what takes ours less than a second; the other controller gets fewer.
    var rounds: Int
    var saltRounds: Int
    /// Returns that a round of ours collects; theirs a tenth.
    var returns: Int
    /// How long a node is left alone before its memory is read: ours drops unused code pages every 30 s.
    var idle = Duration.seconds(45)
    /// How long a round at the bare sockets lasts.
    var floorTime = Duration.seconds(3)

    /// Connections that do nothing at a broker.
    var brokerConnections = 5000
    /// How long a round of messages lasts, and one at a fixed pace.
    var brokerSeconds = 2
    var brokerLatencySeconds = 5
    /// Of each broker.
    var brokerRounds = 3

    static let full = Scale(sizes: [100, 1000, 10_000], rounds: 5, saltRounds: 3, returns: 40_000)
    static let quick = Scale(
        sizes: [100, 1000], rounds: 3, saltRounds: 1, returns: 20_000, floorTime: .seconds(1), brokerConnections: 1000,
        brokerSeconds: 2, brokerLatencySeconds: 4, brokerRounds: 1)

    func sizes(for column: Column) -> [Int] {
        switch column {
        case .muster: sizes
        case .saltMaster, .rabbitMQ, .activeMQ: sizes.filter { $0 <= saltNodes }
        }
    }

    /// Returns are collected from large fleets only; of small ones from the largest.
    func collectsReturns(nodes: Int, for column: Column) -> Bool {
        nodes >= 1000 || nodes == sizes(for: column).last
    }

    func rounds(for column: Column) -> Int {
        switch column {
        case .muster: rounds
        case .saltMaster, .rabbitMQ, .activeMQ: saltRounds
        }
    }

    /// Jobs that are published together, each on all nodes.
    func jobs(nodes: Int, for column: Column) -> Int {
        switch column {
        case .muster: max(2, returns / nodes)
        case .saltMaster, .rabbitMQ, .activeMQ: max(2, returns / 10 / nodes)
        }
    }
}
