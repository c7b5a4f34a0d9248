import Testing

@testable import muster_bench

struct ScaleTests {
    private let scale = Scale(sizes: [100, 1000, 10_000], rounds: 5, saltRounds: 3, returns: 40_000)

    @Test func theOtherControllerGetsFewerNodesAndReturns() {
        #expect(scale.sizes(for: .muster) == [100, 1000, 10_000])
        #expect(scale.sizes(for: .saltMaster) == [100, 1000])
        #expect(scale.jobs(nodes: 1000, for: .muster) == 40)
        #expect(scale.jobs(nodes: 1000, for: .saltMaster) == 4)
        #expect(scale.rounds(for: .saltMaster) == 3)
    }

    @Test func severalJobsRunTogetherHoweverLargeTheFleetIs() {
        #expect(scale.jobs(nodes: 30_000, for: .muster) == 2)
    }

    @Test func returnsAreCollectedFromLargeFleetsOrTheLargest() {
        #expect([100, 1000, 10_000].map { scale.collectsReturns(nodes: $0, for: .muster) } == [false, true, true])
        let small = Scale(sizes: [20, 50], rounds: 1, saltRounds: 1, returns: 100)
        #expect([20, 50].map { small.collectsReturns(nodes: $0, for: .saltMaster) } == [false, true])
    }
}
