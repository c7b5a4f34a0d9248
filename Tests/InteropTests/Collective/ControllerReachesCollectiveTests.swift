import Foundation
import MusterCore
import MusterTestSupport
import Testing

/// One job of our controller over both wires: unchanged nodes of MCollective behind a broker, and nodes of Salt's wire.
@Suite(
    "unchanged mcollectived, salt-minion and our node in one job", MCollective.needed, CollectiveBroker.needed,
    SaltRelease.needed, .serialized)
struct ControllerReachesCollectiveTests {
    @Test("facts choose on both wires, and every node has one outcome", arguments: [CollectiveSetup.ours[0]] + others)
    func oneJob(setup: CollectiveSetup) async throws {
        try await with(setup) { salt, _ async throws in
            try salt.startMinion("minion1", .v3008, settings: "grains: {role: web}")
            try salt.startNode("node1", settings: "grains: {role: db}")
            for id in ["minion1", "node1"] { try await salt.waitForNode(id) }

            let all = try await salt.run("*", "rpcutil.ping")
            #expect(all.expected == ["minion1", "n1", "n2", "node1"])
            #expect(all.answered == all.expected)
            #expect(all.counts == ["ok": 4], "\(all)")
            #expect(all.status == 0)

            let webs = try await salt.run("-F", "role=web", "rpcutil.ping")
            #expect(webs.answered == ["minion1", "n1"])
            #expect(webs.counts == ["ok": 2], "\(webs)")

            let fact = try await salt.run("-L", "n1,n2", "rpcutil.get_fact", "role")
            #expect(fact.answer("n1")?["value"] == ["fact": "role", "value": "web"], "\(fact)")
            #expect(fact.answer("n2")?["value"] == ["fact": "role", "value": "db"], "\(fact)")

            // The node's own description refuses it, and its words come back.
            let refused = try await salt.run("n1", "rpcutil.get_fact")
            #expect(refused.counts == ["failed": 1], "\(refused)")
            #expect(refused.answer("n1")?["returnCode"] == 4, "\(refused)")
            #expect(refused.status != 0)

            // Nobody has it, so there is nobody to wait for.
            let unknown = try await salt.run("n*", "nothing.here")
            #expect(unknown.expected == [] || unknown.expected == ["node1"], "\(unknown)")
        }
    }

    private static let others = CollectiveSetup.others + CollectiveSetup.keyed.filter { $0.broker == .ours }

    /// Two unchanged nodes behind a broker, and a controller that reaches them.
    private func with(_ setup: CollectiveSetup, _ body: (SaltSite, CollectiveSite) async throws -> Void) async throws {
        try await CollectiveSite.with(setup) { collective async throws in
            try await collective.startBroker()
            try collective.start([.init("n1", role: "web"), .init("n2", role: "db")])
            let configuration = try collective.clientConfiguration()
            try await SaltSite.with { salt async throws in
                try await salt.startController(
                    settings: "auto_accept: true", options: ["--set", "collective_config=\(configuration.path)"])
                try await poll("our controller finds n1 and n2", within: .seconds(180)) {
                    try await salt.run("n?", "--preview").output.standardOutput.contains("n2")
                }
                try await body(salt, collective)
            }
        }
    }
}
