import Testing

@testable import muster_bench

struct FleetPlanTests {
    @Test(
        "fits nodes into the controller's descriptors: connections are shared first, nodes left out last",
        arguments: [
            (1000, 20_000, 1000, 1000), (9500, 20_000, 9500, 9500), (10_000, 20_000, 10_000, 9000),
            (10_000, 4300, 3000, 300), (100, 1024, 21, 3), (10_000, 1_048_576, 10_000, 10_000),
        ])
    func plans(_ wanted: Int, _ limit: Int, _ nodes: Int, _ connections: Int) {
        let plan = FleetPlan(nodes: wanted, descriptorLimit: limit)
        #expect(plan.nodes == nodes)
        #expect(plan.requestConnections == connections)
        #expect(plan.sharesConnections == (connections < nodes))
    }
}
