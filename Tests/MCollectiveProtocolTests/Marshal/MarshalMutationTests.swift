import MusterCore
import MCollectiveProtocol
import MusterTestSupport
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Hostile input: the samples and the files of `Corpus`, whole and changed at random, always the same way.
struct MarshalMutationTests {
    /// Inputs that once were of interest.
    static func corpus() throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Corpus")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { $0.hasSuffix(".marshal") }
            .map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
    }

    @Test("reading ends with a value or an error, and what was read survives writing")
    func mutations() throws {
        let seeds = try Self.corpus() + MarshalSample.all().map(\.bytes)
        var random = SeededRandom(seed: 0x6d61_7273)
        var outcomes = (read: 0, refused: 0)
        for seed in seeds {
            for round in 0..<200 { check(round == 0 ? seed : random.mutate(seed), &outcomes) }
        }
        #expect(outcomes.read > 1000)
        #expect(outcomes.refused > 1000)
    }

    @Test("cutting an input anywhere is noticed")
    func truncation() throws {
        for seed in try Self.corpus() + MarshalSample.all().map(\.bytes)
        where (try? MarshalReader.value(seed)) != nil {
            for length in 0..<seed.count {
                #expect(throws: MarshalError.self) { try MarshalReader.value(Array(seed.prefix(length))) }
            }
        }
    }

    private func check(_ bytes: [UInt8], _ outcomes: inout (read: Int, refused: Int)) {
        do {
            let written = MarshalWriter.bytes(try MarshalReader.value(bytes))
            // Links are written in full: what was small may now be above the limits, but never anything else.
            let roomy = SerializerLimits(maxBytes: .max, maxDepth: 64, maxValues: .max)
            #expect(MarshalWriter.bytes(try MarshalReader.value(written, limits: roomy)) == written)
            outcomes.read += 1
        } catch {
            #expect(!"\(error)".isEmpty)
            outcomes.refused += 1
        }
    }
}
