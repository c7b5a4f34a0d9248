import Testing

@testable import muster_bench

struct SamplesTests {
    @Test(
        "the median is the middle, or between the two in the middle",
        arguments: [([3.0], 3.0), ([5, 1, 3], 3), ([4, 1, 2, 10], 3), ([2, 2], 2)] as [([Double], Double)])
    func median(_ values: [Double], _ median: Double) throws {
        #expect(try #require(Samples(values)).median == median)
    }

    @Test func rangeAndValuesAreSorted() throws {
        let samples = try #require(Samples([3, -1, 2]))
        #expect(samples.values == [-1, 2, 3])
        #expect((samples.lowest, samples.highest) == (-1, 3))
    }

    @Test func nothingMeasuredIsNoSamples() {
        #expect(Samples([]) == nil)
    }
}
