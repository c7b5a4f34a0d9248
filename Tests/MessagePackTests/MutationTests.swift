import MessagePack
import MusterCore
import MusterTestSupport
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Hostile input: the files of `Corpus`, whole and changed at random, always the same way.
struct MutationTests {
    /// Every file of the corpus: messages of Salt, and inputs that once were of interest.
    static func corpus() throws -> [[UInt8]] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { $0.hasSuffix(".msgpack") }
            .map { [UInt8](try Data(contentsOf: folder.appending(path: $0))) }
    }

    @Test("decoders end with a value or an error, and agree with each other")
    func decodersAgree() throws {
        let seeds = try Self.corpus()
        #expect(seeds.count >= 10)
        var random = SeededRandom(seed: 0x6d73_6770)
        for seed in seeds {
            check(seed)
            for _ in 0..<400 { check(random.mutate(seed)) }
        }
    }

    @Test("noise is never more than an error")
    func noise() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<3000 {
            check((0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    @Test("cutting a message anywhere is noticed")
    func truncation() throws {
        for seed in try Self.corpus() where (try? MessagePackValue(decoding: seed)) != nil {
            for length in stride(from: 0, to: seed.count, by: max(1, seed.count / 500)) {
                #expect(throws: MessagePackError.self) { try MessagePackValue(decoding: Array(seed.prefix(length))) }
            }
        }
    }

    /// Skipping and building a tree accept the same bytes, and what was accepted survives encoding.
    private func check(_ bytes: [UInt8]) {
        var skipper = MessagePackReader(bytes.span.bytes)
        var builder = MessagePackReader(bytes.span.bytes)
        var isSkipped = true
        do { try skipper.skip() } catch { isSkipped = false }
        do {
            let value = try builder.readValue()
            let ends = (skipper.offset, builder.offset)
            #expect(ends.0 == ends.1)
            let again = try MessagePackValue(decoding: value.encoded(.modern))
            #expect(again.encoded(.raw) == value.encoded(.raw))
        } catch MessagePackError.tooDeep {
            // Only trees have a limit of depth.
        } catch {
            let ends = (skipper.offset, builder.offset)
            #expect(!isSkipped && ends == (0, 0), "\(error) in \(bytes.hex)")
        }
    }
}
