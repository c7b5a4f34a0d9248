/// How many nodes fit on one controller whose process may have so many descriptors.
///
/// Each node has one connection to subscribe by and one for its requests.
struct FleetPlan: Sendable, Hashable {
    var nodes: Int

    /// What the controller keeps for its own files, and a little more.
    private static let reserve = 200

    init(nodes wanted: Int, descriptorLimit: Int) {
        let most = max(1, (descriptorLimit - FleetPlan.reserve) / 2)
        nodes = min(wanted, most)
    }
}
