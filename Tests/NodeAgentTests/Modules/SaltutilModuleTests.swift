import MusterCore
import NodeAgent
import Synchronization
import Testing

@Suite struct SaltutilModuleTests {
    static let other = "20261121065700000001"
    let node: TestNode

    init() {
        var node = TestNode()
        node.job = JobID("20261121065700000009")
        node.jobs.running = [
            ["jid": .string(Self.other), "fun": "test.sleep", "pid": 77],
            ["jid": "20261121065700000009", "fun": "saltutil.running", "pid": 1],
        ]
        self.node = node
    }

    @Test(
        arguments: [
            ("saltutil.find_job", [.string(other)], .map(["jid": .string(other), "fun": "test.sleep", "pid": 77])),
            ("saltutil.find_job", ["20261121065700000002"], .map([:])), ("saltutil.find_job", ["../x"], .map([:])),
            ("saltutil.is_running", ["state.*"], []),
            ("saltutil.term_job", [.string(other)], .string("Signal 15 sent to job \(other) at pid 77")),
            ("saltutil.kill_job", [.string(other)], .string("Signal 9 sent to job \(other) at pid 77")),
            ("saltutil.kill_job", ["20261121065700000002"], ""),
            ("saltutil.signal_job", [.string(other), 10], .string("Signal 10 sent to job \(other) at pid 77")),
            ("saltutil.signal_job", [.string(other), "SIGUSR1"], .string("Signal 10 sent to job \(other) at pid 77")),
            ("saltutil.kill_all_jobs", [], [.string("Signal 9 sent to job \(other) at pid 77")]),
            ("saltutil.refresh_modules", [], true), ("saltutil.sync_modules", [], []),
            ("saltutil.clear_job_cache", [], true),
        ] as [(String, [Value], Value)])
    func answers(_ function: String, _ arguments: [Value], _ value: Value) async throws {
        #expect(try await node.call(function, arguments).value == value)
    }

    @Test func leavesTheAskingJobOut() async throws {
        #expect(try await node.call("saltutil.running").value.array?.count == 1)
        #expect(try await node.call("saltutil.is_running", ["*"]).value.array?.first?["jid"] == .string(Self.other))
    }

    @Test func reachesTheMasters() async throws {
        let masters = CountingMasters()
        var node = node
        node.masters = masters
        #expect(try await node.call("saltutil.refresh_pillar").value == true)
        #expect(try await node.call("saltutil.refresh_grains").value == true)
        #expect(try await node.call("saltutil.refresh_grains", [], ["refresh_pillar": false]).value == true)
        #expect(try await node.call("saltutil.revoke_auth").value == false)
        #expect(masters.refreshes.load(ordering: .relaxed) == 2)
        #expect(masters.revocations.load(ordering: .relaxed) == 1)
        await #expect(
            throws: FunctionError.unknownKeywords(function: "saltutil.refresh_grains", keywords: ["x=1"])
        ) { try await node.call("saltutil.refresh_grains", [], ["x": 1]) }
    }

    private final class CountingMasters: MasterActions {
        let refreshes = Atomic(0)
        let revocations = Atomic(0)
        func refreshPillar() async throws { refreshes.add(1, ordering: .relaxed) }
        func revokeKey(preservingCache: Bool) async throws -> Bool {
            revocations.add(1, ordering: .relaxed)
            return false
        }
        func fire(_ data: Value, tag: String) async throws {}
        func file(_ path: String, environment: String) async throws -> [UInt8]? { nil }
    }
}
