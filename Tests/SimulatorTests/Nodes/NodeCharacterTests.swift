import MusterCore
import Testing

@testable import Simulator

@Suite struct NodeCharacterTests {
    private func characters(_ count: Int, silent: Double, failing: Double, seed: UInt64 = 1) -> [NodeCharacter] {
        var behaviour = SimulationSettings.Behaviour()
        behaviour.silentPercent = silent
        behaviour.failingPercent = failing
        var chance = SeededRandom(seed: seed)
        return NodeCharacter.assigned(to: count, behaviour, using: &chance)
    }

    @Test(
        "gives exactly the shares asked for, rounded down",
        arguments: [(100, 10, 5, 10, 5), (9, 50, 50, 4, 4), (3, 10, 10, 0, 0), (4, 100, 0, 4, 0), (1, 0, 100, 0, 1)]
            as [(Int, Double, Double, Int, Int)])
    func assigns(_ count: Int, _ silent: Double, _ failing: Double, _ silentNodes: Int, _ failingNodes: Int) {
        let characters = characters(count, silent: silent, failing: failing)
        #expect(characters.count == count)
        #expect(characters.count { $0 == .silent } == silentNodes)
        #expect(characters.count { $0 == .failing } == failingNodes)
    }

    @Test func choosesTheSameNodesForTheSameSeedOnly() {
        let first = characters(1000, silent: 10, failing: 10)
        #expect(first == characters(1000, silent: 10, failing: 10))
        #expect(first != characters(1000, silent: 10, failing: 10, seed: 2))
    }

    @Test func namesHaveFiveDigitsOrMore() throws {
        var names = SimulationSettings.Names()
        names.prefix = "n"
        names.first = 99_999
        #expect(try names.ids(2).map(\.text) == ["n99999", "n100000"])
    }
}
