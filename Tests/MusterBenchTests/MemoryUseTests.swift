import Testing

@testable import muster_bench

struct MemoryUseTests {
    private let rollup = """
        55d0c1e4f000-7ffd5a3e9000 ---p 00000000 00:00 0                          [rollup]
        Rss:               15404 kB
        Pss:               12110 kB
        Pss_Dirty:          4300 kB
        Pss_Anon:           4300 kB
        Shared_Clean:       3000 kB

        """

    @Test func readsProportionalAndResident() throws {
        let use = try #require(MemoryUse(rollup: rollup))
        #expect(use.proportional == 12_110 * 1024)
        #expect(use.resident == 15_404 * 1024)
    }

    @Test func addsUp() throws {
        let use = try #require(MemoryUse(rollup: rollup))
        #expect((use + use).resident == 2 * use.resident)
        #expect((use + MemoryUse()).proportional == use.proportional)
    }

    @Test(
        "refuses what is no such file", arguments: ["", "Rss: 1 kB\n", "Rss: 1 kB\nPss: x kB\n", "Rss: 1\nPss: 2 kB\n"])
    func refuses(_ text: String) {
        #expect(MemoryUse(rollup: text) == nil)
    }
}
