import MusterCore
import MusterTestSupport
import Synchronization
import Testing

@testable import NodeAgent

@Suite struct CollectiveFactsTests {
    @Test("facts of files are text, and win over those of the machine")
    func merges() async throws {
        let directory = try TestDirectory()
        let (first, second) = (directory.file("a.yaml"), directory.file("b.yaml"))
        for path in [first, second] { try Files.write(Array("x".utf8), to: path) }
        let facts = CollectiveFacts(
            files: [first, second, directory.file("none.yaml")], cacheTime: .seconds(300),
            own: MemoryFacts(["role": "own", "cpus": 8, "empty": .null, "list": [1, true]]), logger: .quiet
        ) { path in path == first ? ["role": "a", "cpus": 2, "deep": ["n": 1.5]] : ["role": "b"] }
        #expect(
            await facts.facts() == ["role": "b", "cpus": "2", "list": ["1", "true"], "deep": ["n": "1.5"]])
    }

    @Test("a changed file is read again, an unchanged one after its time")
    func reads() async throws {
        let directory = try TestDirectory()
        let path = directory.file("a.yaml")
        try Files.write(Array("x".utf8), to: path)
        let reads = Mutex(0)
        let facts = CollectiveFacts(
            files: [path], cacheTime: .seconds(300), own: MemoryFacts([:]), logger: .quiet
        ) { _ in
            let count = reads.withLock { count in
                count += 1
                return count
            }
            return ["reads": .int(Int64(count))]
        }
        let start = ContinuousClock.now
        #expect(await facts.facts(at: start) == ["reads": "1"])
        #expect(await facts.facts(at: start + .seconds(299)) == ["reads": "1"])
        #expect(await facts.facts(at: start + .seconds(300)) == ["reads": "2"])
        try Files.write(Array("longer".utf8), to: path)
        #expect(await facts.facts(at: start + .seconds(301)) == ["reads": "3"])
    }
}
