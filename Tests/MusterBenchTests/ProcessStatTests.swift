import Testing

@testable import muster_bench

struct ProcessStatTests {
    /// As Linux 6 prints it, for a command of choice.
    private func line(_ id: Int32, command: String, parent: Int32) -> String {
        "\(id) (\(command)) S \(parent) \(id) \(id) 0 -1 4194560 1200 30 0 0 150 25 7 3 20 0 4 0 8812345 220000 3300 "
            + "18446744073709551615 1 1 0 0 0 0 0 4096 17442 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
    }

    @Test("reads times and kinship whatever the command is called", arguments: ["muster", "a b", "x) S 1 (y", ""])
    func reads(_ command: String) throws {
        let stat = try #require(ProcessStat(line(4711, command: command, parent: 12)))
        #expect(stat.processID == 4711)
        #expect(stat.parent == 12)
        #expect(stat.ticks == 150 + 25 + 7 + 3)
        #expect(stat.started == 8_812_345)
    }

    @Test("refuses what is no such line", arguments: ["", "12", "12 (x", "x (y) S 1", "12 (y) S 1 2 3", ")("])
    func refuses(_ text: String) {
        #expect(ProcessStat(text) == nil)
    }

    @Test func aTreeIsTheRootAndAllBelow() throws {
        let kinship: [(Int32, Int32)] = [(1, 0), (10, 1), (11, 10), (12, 11), (20, 1), (13, 10)]
        let all = try kinship.map { try #require(ProcessStat(line($0.0, command: "x", parent: $0.1))) }
        #expect(Set(ProcessTree.descendants(of: 10, in: all).map(\.processID)) == [10, 11, 12, 13])
        #expect(ProcessTree.descendants(of: 99, in: all).isEmpty)
    }
}
