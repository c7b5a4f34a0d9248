/// How many nodes fit on one controller whose process may have so many descriptors.
///
/// Each node has one connection to subscribe by and one for its requests. Where both do not fit, nodes share request
/// connections, down to one for ten nodes; where that does not fit either, there are fewer nodes.
struct FleetPlan: Sendable, Hashable {
    var nodes: Int
    var requestConnections: Int

    /// What the controller needs for itself, and what is not used up for the sake of it.
    private static let reserve = 1000
    private static let nodesPerConnection = 10

    init(nodes wanted: Int, descriptorLimit: Int) {
        let room = max(2, descriptorLimit - FleetPlan.reserve)
        let most = room * FleetPlan.nodesPerConnection / (FleetPlan.nodesPerConnection + 1)
        nodes = min(wanted, most)
        requestConnections = min(nodes, room - nodes)
    }

    var sharesConnections: Bool { requestConnections < nodes }
}
