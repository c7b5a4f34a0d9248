import Foundation
import Glibc
import HTTPAPI
import MusterCore
import MusterTestSupport
import Testing

/// A whole fleet comes back at once, or has to sign in at once: nobody is lost, and who works is served meanwhile.
///
/// 500 nodes; as many as `MUSTER_STORM_NODES` says otherwise. Times are printed, not asserted.
@Suite(.timeLimit(.minutes(10))) struct StormTests {
    private let count = ProcessInfo.processInfo.environment["MUSTER_STORM_NODES"].flatMap(Int.init) ?? 500

    @Test func aFleetThatLostItsControllerAndItsSessionsComesBackWhole() async throws {
        try await FaultSite.with { site in
            let killed = try await site.startController()
            let fleet = try await site.startFleet(count, options: ["--sign-ins", "\(count)"])
            try await expectAllAnswer(site, "before the storm")

            killed.signal(SIGKILL)
            try await poll("the controller is gone", within: .seconds(10)) { !killed.isRunning }
            // Other sessions and another publish key: coming back is not enough, everybody has to sign in.
            for name in ["session.secret", "publish.key"] {
                try FileManager.default.removeItem(at: site.state.appending(path: name))
            }
            let start = ContinuousClock.now
            try await site.startController()
            let worker = try await LightNode.signIn("worker", at: site.requests)
            let meter = try await PingMeter.during(worker) {
                try await fleet.wait(for: .rejoined)
                print("storm: \(count) subscriptions back after \(start.duration(to: .now))")
                try await expectAllAnswer(site, "after the storm")
            }
            print("storm: \(count) nodes have answered after \(start.duration(to: .now)); \(meter.summary)")
            #expect(meter.count > 0)
            #expect(fleet.counts?.connected == count)
            #expect(try await site.counter("muster_salt_sign_ins_total") >= count)
            #expect(try await site.counter("muster_salt_sign_ins_dropped_total") == 0)
            await worker.leave()
        }
    }

    @Test func aNewPublishKeyMakesAFleetSignInAndTheJobThatToldItReachesEverybody() async throws {
        try await FaultSite.with { site in
            try await site.startController()
            let fleet = try await site.startFleet(count)
            let worker = try await LightNode.signIn("worker", at: site.requests)
            let removed = try await LightNode.signIn("removed", at: site.requests)
            let before = try await site.counter("muster_salt_sign_ins_total")
            _ = try await site.controller.change(KeyChange(action: .delete, match: ["removed"], user: "root"))
            #expect(try await site.counter("muster_salt_key_rotations_total") == 1)

            let start = ContinuousClock.now
            let meter = try await PingMeter.during(worker) {
                try await expectAllAnswer(site, "sealed with the new key")
            }
            print("rotation: \(count) nodes answered after \(start.duration(to: .now)); \(meter.summary)")
            #expect(meter.count > 0)
            #expect(try await site.counter("muster_salt_sign_ins_total") >= before + Int64(count))
            #expect(try await site.counter("muster_salt_sign_ins_dropped_total") == 0)
            #expect(fleet.counts?.publishesRefused == 0)
            for node in [worker, removed] { await node.leave() }
        }
    }

    /// A job for the fleet ends with an answer of every node.
    private func expectAllAnswer(_ site: FaultSite, _ when: String) async throws {
        // Longer than it takes them all to sign in on a slow machine: who signs in is silent, and not lost.
        let report = try await site.runToEnd("test.ping", on: "sim*", timeout: .seconds(240))
        #expect(report.counts == [.ok: count], "\(when)")
    }
}
