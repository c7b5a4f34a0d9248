import Testing

@testable import muster_bench

struct FleetPlanTests {
    @Test(
        "takes as many nodes as the controller's descriptors let in",
        arguments: [
            (1000, 20_000, 1000), (9500, 20_000, 9500), (10_000, 20_000, 9900), (10_000, 4200, 2000), (100, 300, 50),
            (100, 10, 1), (10_000, 1_048_576, 10_000),
        ])
    func plans(_ wanted: Int, _ limit: Int, _ nodes: Int) {
        #expect(FleetPlan(nodes: wanted, descriptorLimit: limit).nodes == nodes)
    }
}
