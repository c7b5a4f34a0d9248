import Logging
import MusterCore
import MusterTestSupport
import NodeAgent
import Testing

@Suite struct ReturnSpoolTests {
    let directory: TestDirectory
    init() throws { directory = try TestDirectory() }

    private func spool(limitBytes: Int = 1 << 20) throws -> ReturnSpool {
        try ReturnSpool(directory: "\(directory.path)/returns", limitBytes: limitBytes, logger: Logger(label: "test"))
    }

    private func id(_ number: Int) -> JobID { JobID("20261121065700" + number.digits(6))! }

    @Test func keepsReturnsAcrossRestartsUntilAcknowledged() async throws {
        let fields: ValueMap = [
            "return": .map(["a": [1, nil, "ü"], "b": .bytes([0xff])]), "retcode": 0, "success": true,
        ]
        let before = try spool()
        try await before.store(fields, of: id(2))
        try await before.store(["return": 1], of: id(1))
        let after = try spool()
        #expect(await after.waiting == [id(1), id(2)])
        #expect(await after.fields(of: id(2)) == fields)
        await after.acknowledged(id(1))
        #expect(await after.waiting == [id(2)])
        #expect(try await spool().waiting == [id(2)])
        #expect(await after.fields(of: id(1)) == nil)
    }

    @Test func replacesAReturnOfTheSameJob() async throws {
        let spool = try spool()
        try await spool.store(["return": 1], of: id(1))
        try await spool.store(["return": 2], of: id(1))
        #expect(await spool.waiting == [id(1)])
        #expect(await spool.fields(of: id(1)) == ["return": 2])
    }

    @Test func dropsTheOldestWhenFull() async throws {
        let spool = try spool(limitBytes: 300)
        for number in 1...4 {
            try await spool.store(["return": .string(String(repeating: "x", count: 100))], of: id(number))
        }
        #expect(await spool.waiting == [id(3), id(4)])
        #expect(Files.list("\(directory.path)/returns").count == 2)
    }

    @Test("moves aside what is no return", arguments: ["", "garbage", "MRT1 5\nabc", "MRT1 1\n\u{1}", "MRT1 x\n"])
    func movesAside(_ content: String) async throws {
        try Files.makeDirectory("\(directory.path)/returns")
        try Files.write(content.utf8, to: "\(directory.path)/returns/\(id(1))")
        let spool = try spool()
        #expect(await spool.waiting == [id(1)])
        #expect(await spool.fields(of: id(1)) == nil)
        #expect(await spool.waiting == [])
        #expect(Files.list("\(directory.path)/returns") == ["\(id(1)).corrupt"])
        #expect(try await self.spool().waiting == [])
    }

    @Test func refusesOneThatIsLargerThanItselfAndKeepsTheOthers() async throws {
        let spool = try spool(limitBytes: 300)
        try await spool.store(["return": 1], of: id(1))
        let large: ValueMap = ["return": .string(String(repeating: "x", count: 300))]
        let error = await #expect(throws: SpoolError.self) { try await spool.store(large, of: id(2)) }
        guard case .tooLarge(let bytes, limitBytes: 300)? = error, bytes > 300 else {
            Issue.record("it throws \(String(describing: error))")
            return
        }
        #expect(await spool.waiting == [id(1)])
    }

    @Test func keepsWhatIsRefusedAsideWithinBounds() async throws {
        let spool = try spool(limitBytes: 250)
        for number in 1...3 {
            try await spool.store(["return": .string(String(repeating: "x", count: 100))], of: id(number))
            let path = try #require(await spool.moveToRefused(id(number)))
            #expect(Files.status(path) != nil)
        }
        #expect(await spool.waiting.isEmpty)
        #expect(Files.list("\(directory.path)/returns/refused") == [id(2).text, id(3).text])
        // A second one of the same job is what stood in for the first.
        try await spool.store(["return": 1], of: id(3))
        #expect(await spool.moveToRefused(id(3)) == nil)
        #expect(try await self.spool().waiting.isEmpty)
    }
}
