import Logging
import MusterCore
import MusterTestSupport
import Synchronization
import Testing

@testable import NodeAgent

/// The operator's facts in memory, failing on request.
final class MemoryFactsFile: FactsFile {
    struct Failure: Error {}
    struct State {
        var facts: ValueMap
        var failure: Failure?
    }
    let state: Mutex<State>

    init(_ facts: ValueMap = [:], failure: Failure? = nil) { state = Mutex(State(facts: facts, failure: failure)) }

    func load() throws -> ValueMap {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.facts
        }
    }

    func save(_ facts: ValueMap) { state.withLock { $0.facts = facts } }
}

extension FactsStore {
    static func test(_ gathered: ValueMap, file: MemoryFactsFile = MemoryFactsFile(), configured: ValueMap = [:]) async
        -> FactsStore
    {
        await open(file: file, configured: configured, logger: .quiet) { gathered }
    }
}

@Suite("The store of facts")
struct FactsStoreTests {
    @Test("lets the file win over the machine, and the configuration over both")
    func order() async {
        let store = await FactsStore.test(
            ["os": "Debian", "dc": "none", "role": "x"], file: MemoryFactsFile(["dc": "ams", "role": "file"]),
            configured: ["role": "configured"])
        #expect(await store.facts() == ["os": "Debian", "dc": "ams", "role": "configured"])
    }

    @Test("keeps what else is in the file when it stores and removes")
    func stores() async throws {
        let file = MemoryFactsFile(["a": 1])
        let store = await FactsStore.test([:], file: file)
        // Edited by hand since the node came up.
        file.save(["a": 1, "b": 2])
        try await store.set("c", to: [3])
        #expect(try file.load() == ["a": 1, "b": 2, "c": [3]])
        try await store.remove("a")
        #expect(try file.load() == ["b": 2, "c": [3]])
        #expect(await store.facts() == ["b": 2, "c": [3]])
    }

    @Test("comes up without a file that cannot be read, and refuses to overwrite it")
    func badFile() async {
        let store = await FactsStore.test(["os": "Debian"], file: MemoryFactsFile(failure: .init()))
        #expect(await store.facts() == ["os": "Debian"])
        await #expect(throws: FunctionError.self) { try await store.set("a", to: 1) }
    }

    @Test("gathers anew on request")
    func refreshes() async throws {
        let count = Mutex<Int64>(0)
        let file = MemoryFactsFile()
        let store = await FactsStore.open(
            file: file, configured: [:], logger: .quiet
        ) {
            [
                "n": .int(
                    count.withLock {
                        $0 += 1; return $0
                    })
            ]
        }
        file.save(["late": true])
        try await store.refresh()
        #expect(await store.facts() == ["n": 2, "late": true])
    }
}
