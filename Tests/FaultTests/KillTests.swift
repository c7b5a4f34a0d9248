import Glibc
import HTTPAPI
import MusterCore
import MusterTestSupport
import Synchronization
import Testing

/// `kill -9` of the controller in the middle of a job.
@Suite(.timeLimit(.minutes(5))) struct KillTests {
    private let count = 1000

    @Test func noAcknowledgedReturnIsMissingAfterTheControllerWasKilledAndNoneCountsTwice() async throws {
        try await FaultSite.with { site in
            let killed = try await site.startController()
            let names = (0..<count).map { "n\($0.digits(4))" }
            let nodes = try await LightNode.signIn(names, at: site.requests)
            let receipt = try await site.controller.publish(
                JobRequest(
                    calls: [FunctionCall("test.ping")], target: Target(.glob, "*"), user: "root", timeout: .seconds(300)
                ))
            #expect(receipt.expected.count == count)

            let acknowledged = Acknowledged()
            await withDiscardingTaskGroup { group in
                for node in nodes {
                    group.addTask {
                        // An error is an answer that did not come: not acknowledged.
                        guard (try? await node.answer(receipt.job)) != nil else { return }
                        if acknowledged.add(node.id) == count / 3 { killed.signal(SIGKILL) }
                    }
                }
            }
            try await poll("the controller is gone", within: .seconds(10)) { !killed.isRunning }
            let before = acknowledged.ids
            #expect(before.count >= count / 3 && before.count < count, "killed in the middle")

            try await site.startController()
            let stored = try await site.controller.answers(of: receipt.job, nodes: nil).map(\.node)
            #expect(before.isSubset(of: stored), "acknowledged, and not there any more")
            #expect(Set(stored).count == stored.count)

            // After a crash the sessions are new. Who was not acknowledged sends again, and some others do too.
            let renewed = try await LightNode.signIn(names, at: site.requests)
            let repeated = before.sorted().prefix(50)
            try await withThrowingDiscardingTaskGroup { group in
                for node in renewed where !before.contains(node.id) || repeated.contains(node.id) {
                    group.addTask { try await node.answerUntilAcknowledged(receipt.job) }
                }
            }
            let report = try await site.controller.job(receipt.job)
            #expect(report.counts == [.ok: count])
            #expect(report.ended != nil && report.unexpected.isEmpty)
            let answers = try await site.controller.answers(of: receipt.job, nodes: nil).map(\.node)
            #expect(answers.count == count && Set(answers) == Set(receipt.expected))
            // The repeated ones, those that were stored when the acknowledgement was lost, and whatever was sent again
            // since an acknowledgement took long.
            let duplicates = try await site.counter("muster_salt_returns_duplicate_total")
            #expect(duplicates >= repeated.count + stored.count - before.count)
            for node in nodes + renewed { await node.leave() }
        }
    }
}

/// Whose answers were acknowledged.
private final class Acknowledged: Sendable {
    private let state = Mutex<Set<NodeID>>([])

    var ids: Set<NodeID> { state.withLock { $0 } }

    /// - Returns: How many there are now.
    func add(_ id: NodeID) -> Int {
        state.withLock { ids in
            ids.insert(id)
            return ids.count
        }
    }
}
