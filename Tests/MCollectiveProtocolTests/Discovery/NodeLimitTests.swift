import MusterCore
import Testing

@testable import MCollectiveProtocol

struct NodeLimitTests {
    private let nodes = (1...10).map { "node\($0)" }

    @Test(
        "sizes are counts or percentages",
        arguments: [
            ("5", NodeLimit.Size.count(5)), ("20%", .percent(20)), ("100%", .percent(100)), ("0", nil), ("0%", nil),
            ("101%", nil),
            ("", nil), ("%", nil), ("-1", nil), ("five", nil), ("99999999999999999999", nil),
        ] as [(String, NodeLimit.Size?)])
    func sizes(_ text: String, _ size: NodeLimit.Size?) { #expect(NodeLimit.Size(text) == size) }

    @Test(
        "the generator draws what Ruby draws",
        arguments: [
            (10, [1, 1, 0, 1]), (42, [3, 0, 2, 0]), (1, [3, 0, 0, 1]),
        ] as [(UInt32, [Int])])
    func twister(_ seed: UInt32, _ numbers: [Int]) {
        var twister = MersenneTwister(seed: seed)
        #expect([5, 4, 3, 2].map { twister.next(below: $0) } == numbers)
    }

    @Test(
        "a seed chooses the nodes that it chooses for mco",
        arguments: [
            (10, ["node9", "node4", "node8"]), (42, ["node6", "node3", "node5"]),
        ] as [(UInt32, [String])])
    func seeded(_ seed: UInt32, _ chosen: [String]) {
        var random = SeededRandom(seed: 1)
        let limit = NodeLimit(.count(3), .random(seed: seed))
        #expect(limit.choose(nodes, using: &random) == chosen)
        #expect(limit.choose(nodes.reversed(), using: &random) == chosen)
        #expect(limit.discoveryLimit == nil)
    }

    @Test("the first are the first, and a percentage is at least one")
    func first() {
        var random = SeededRandom(seed: 1)
        #expect(NodeLimit(.count(2)).choose(nodes, using: &random) == ["node1", "node2"])
        #expect(NodeLimit(.count(20)).choose(nodes, using: &random) == nodes)
        #expect(NodeLimit(.percent(25)).choose(nodes, using: &random).count == 2)
        #expect(NodeLimit(.percent(1)).choose(nodes, using: &random).count == 1)
        #expect(NodeLimit(.percent(1)).choose([], using: &random).isEmpty)
        #expect(NodeLimit(.count(2)).discoveryLimit == 2 && NodeLimit(.percent(2)).discoveryLimit == nil)
        let any = NodeLimit(.count(4), .random(seed: nil)).choose(nodes, using: &random)
        #expect(Set(any).count == 4 && Set(any).isSubset(of: Set(nodes)))
    }

    @Test("batches are groups in order, a percentage rounded up")
    func batches() {
        #expect(NodeBatches.groups(nodes, of: .count(4)).map(\.count) == [4, 4, 2])
        #expect(NodeBatches.groups(nodes, of: .percent(25)).map(\.count) == [3, 3, 3, 1])
        #expect(NodeBatches.groups(nodes, of: .count(4)).flatMap { $0 } == nodes)
        #expect(NodeBatches.groups([], of: .percent(50)).isEmpty)
    }
}
