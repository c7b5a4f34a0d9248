import HTTPAPI
import MusterCore
import MusterTestSupport
import Testing

/// The disk is full, and has room again.
@Suite(.timeLimit(.minutes(3))) struct DiskTests {
    /// More than what a store finds between its rows.
    private static let bulk = Value.string(String(repeating: "x", count: 300 << 10))

    @Test func nothingIsAcknowledgedWhileTheDiskIsFullAndEverythingAfterwards() async throws {
        try await FaultSite.with { site in
            let (process, disk) = try await SmallDisk.startController(of: site)
            let nodes = try await LightNode.signIn((0..<20).map { "n\($0.digits(2))" }, at: site.requests)
            // Their silence has consequences while the disk is full.
            let job = try await site.controller.publish(DiskTests.request(timeout: .seconds(1))).job
            for node in nodes[..<10] { try await node.answer(job) }

            try await disk.fill()
            let waiting = Task { try await nodes[10].answerUntilAcknowledged(job, DiskTests.bulk) }
            try await poll("the store fails", within: .seconds(30)) {
                try await site.controller.status().store.failure != nil
            }
            #expect(try await site.controller.answers(of: job, nodes: nil).count == 10)
            try await expectClearHealth(site, disk)
            try await expectOrdersRefused(site, nodes[0])

            // The open job goes on in memory: the silent are asked, and the lines about it do not fill a log either.
            try await poll("requests stay unanswered, and are counted", within: .seconds(30)) {
                try await site.counter("muster_salt_returns_unacknowledged_total") >= 3
            }
            #expect(site.logLines("not stored, nodes will send it again").count == 1)
            #expect(site.logLines("outcomes not stored, tried again").count <= 1)
            #expect(process.isRunning)

            try await disk.empty()
            try await waiting.value
            for node in nodes[11...] { try await node.answerUntilAcknowledged(job, DiskTests.bulk) }
            try await poll("the store works", within: .seconds(30)) {
                try await site.controller.status().store.failure == nil
            }
            let report = try await site.controller.job(job)
            #expect(report.counts == [.ok: 20] && report.unexpected.isEmpty)
            #expect(try await site.controller.answers(of: job, nodes: nil).count == 20)
            #expect(try await site.muster("status").status == 0)
            let next = try await site.controller.publish(DiskTests.request())
            #expect(next.expected.count == 20 && next.job > job)
            for node in nodes { await node.leave() }
        }
    }

    @Test(.enabled(if: SmallDisk.isMountable, "mounting a small disk is not allowed here"))
    func aFullDiskChangesNoKeyAndNoPublishKey() async throws {
        try await FaultSite.with { site in
            let (_, disk) = try await SmallDisk.startController(of: site)
            let node = try await LightNode.signIn("old1", at: site.requests)
            let before = (keys: disk.names(in: "pki/minions"), publishKey: try disk.text(of: "publish.key"))
            try await disk.fill()

            // A newcomer cannot be stored, so it is not answered, and keeps asking.
            let newcomer = Task { try await LightNode.signIn("new1", at: site.requests) }
            try await poll("the operator is told", within: .seconds(30)) {
                !site.logLines("sign-in not answered").isEmpty
            }
            #expect(disk.names(in: "pki/minions") == before.keys)
            #expect(!disk.names(in: "pki").contains { $0.hasPrefix(".incoming") })
            // Rejecting a key needs no room; the new publish key does, and the operator is told that it is missing.
            await #expect(throws: (any Error).self) {
                _ = try await site.controller.change(
                    KeyChange(action: .reject, match: ["old1"], states: [.accepted], user: "root"))
            }
            #expect(try await site.counter("muster_salt_key_rotations_total") == 0)
            #expect(try disk.text(of: "publish.key") == before.publishKey)
            #expect(!disk.names(in: ".").contains { $0.hasSuffix(".new") })

            try await disk.empty()
            let joined = try await newcomer.value
            try await joined.ping()
            let keys = try await site.controller.keys()
            #expect(keys.map(\.node.text) == ["new1", "old1"] && keys.map(\.state) == [.accepted, .rejected])
            await node.leave()
            await joined.leave()
        }
    }

    private static func request(timeout: Duration? = nil) -> JobRequest {
        JobRequest(calls: [FunctionCall("test.ping")], target: Target(.glob, "*"), user: "root", timeout: timeout)
    }

    /// `muster status` says what is wrong and what to do, and a supervisor is told too.
    private func expectClearHealth(_ site: FaultSite, _ disk: SmallDisk) async throws {
        let status = try await site.muster("status")
        #expect(status.status == 75)
        let words = disk.kind == .fileSystem ? ["no room left for the store", "free space"] : ["check the disk"]
        for word in words { #expect(status.standardOutput.contains(word), "\(status)") }
        let since = try await site.controller.status().store.failingSince
        #expect(since != nil)
    }

    /// A job that cannot be remembered is not begun; nodes are served all the same.
    private func expectOrdersRefused(_ site: FaultSite, _ node: LightNode) async throws {
        let run = try await site.muster("run", "*", "test.ping")
        #expect(run.status == 75, "\(run)")
        try await node.ping()
    }
}
