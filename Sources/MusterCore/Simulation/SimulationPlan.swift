/// Who simulates which nodes: as many processes as the descriptors need, each with its share of nodes and request
/// connections.
///
/// A node takes two descriptors, one for its subscription and one for its requests, unless nodes share request
/// connections. Nothing here asks the system: limits are arguments.
package struct SimulationPlan: Sendable, Hashable {
    /// What one process simulates.
    package struct Share: Sendable, Hashable {
        /// The number of the first node.
        package var first: Int
        package var count: Int
        package var requestConnections: Int

        package init(first: Int, count: Int, requestConnections: Int) {
            self.first = first
            self.count = count
            self.requestConnections = requestConnections
        }
    }

    /// What the system lets a process have.
    package struct Limits: Sendable, Hashable {
        /// Open descriptors of a process.
        package var descriptors: Int
        /// Local ports towards one remote address and port.
        package var ports: Int

        package init(descriptors: Int, ports: Int) {
            self.descriptors = descriptors
            self.ports = ports
        }
    }

    /// Descriptors that a process needs beside those of its nodes: streams, the loop's own, libraries.
    package static let reserve = 64

    /// At least one; the shares are as equal as can be.
    package let shares: [Share]

    /// Plans a simulation.
    ///
    /// - Throws: `SimulationError.tooManyDescriptors` when a share does not fit into a process, `tooManyPorts`.
    package init(_ settings: SimulationSettings, limits: Limits) throws(SimulationError) {
        // A node of a collective has one connection.
        let wanted = settings.collectiveFile == nil ? settings.requestConnections ?? settings.count : 1
        let connections = min(wanted, settings.count)
        guard settings.signIn.isAll || settings.count <= limits.ports else {
            throw .tooManyPorts(nodes: settings.count, available: limits.ports)
        }
        let needed = settings.count * (settings.signIn.isAll ? 0 : 1) + connections
        let room = max(1, limits.descriptors - Self.reserve)
        let processes = min(settings.processes ?? (needed + room - 1) / room, settings.count, connections)
        let counts = Self.parts(of: settings.count, processes)
        let parts = Self.parts(of: connections, processes)
        var first = settings.names.first
        var shares: [Share] = []
        for (count, connections) in zip(counts, parts) {
            let needed = (settings.signIn.isAll ? 0 : count) + connections + Self.reserve
            guard needed <= limits.descriptors else {
                throw .tooManyDescriptors(nodes: count, needed: needed, limit: limits.descriptors)
            }
            shares.append(Share(first: first, count: count, requestConnections: connections))
            first += count
        }
        self.shares = shares
    }

    /// `total` in `count` parts that differ by at most one, larger ones first.
    private static func parts(of total: Int, _ count: Int) -> [Int] {
        (0..<count).map { total / count + ($0 < total % count ? 1 : 0) }
    }
}
