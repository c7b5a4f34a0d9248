import Foundation
import MusterTestSupport
import Testing

/// Unchanged `mco` and `mcollectived`, with our broker between them.
@Suite("unchanged mco and mcollectived at our broker", MCollective.needed, .serialized)
struct BrokerCarriesCollectiveTests {
    private static let roles = ["n1": "web", "n2": "web", "n3": "db"]

    @Test("discovery, requests, filters and collectives", arguments: MCollective.Connector.allCases)
    func carries(connector: MCollective.Connector) async throws {
        try await CollectiveSite.with(connector) { site async throws in
            try await site.startBroker()
            try site.startNodes(Self.roles)
            try await site.waitForNodes(["n1", "n2", "n3"])

            let ping = try await site.mco("ping")
            #expect(ping.standardOutput.contains("3 replies max:"), "\(ping)")
            let web = try await site.mco("find", "-F", "role=web")
            #expect(Self.lines(web) == ["n1", "n2"], "\(web)")
            let classes = try await site.mco("find", "-C", "db")
            #expect(Self.lines(classes) == ["n3"], "\(classes)")
            let compound = try await site.mco("find", "-S", "role=db or n1")
            #expect(Self.lines(compound).contains("n3"), "\(compound)")
            let other = try await site.mco("ping", "-T", "web")
            #expect(other.standardOutput.contains("3 replies max:"), "\(other)")

            let inventory = try await site.mco("inventory", "n3")
            #expect(inventory.standardOutput.contains("Collectives: mcollective, web"), "\(inventory)")
            #expect(inventory.standardOutput.contains("role => db"), "\(inventory)")
            let facts = try await site.mco("facts", "role")
            #expect(facts.standardOutput.contains("found 2 times"), "\(facts)")

            // To each node by itself, and to all at once: three are more than two.
            for threshold in [10, 2] {
                let setting = "direct_addressing_threshold = \(threshold)"
                let reply = try await site.mco("rpc", "rpcutil", "get_fact", "fact=role", settings: setting)
                #expect(reply.standardOutput.contains("Finished processing 3 / 3 hosts"), "\(threshold): \(reply)")
                #expect(reply.standardOutput.contains("Value: db"), "\(threshold): \(reply)")
            }
            let one = try await site.mco("rpc", "rpcutil", "ping", "-I", "n2")
            #expect(one.standardOutput.contains("Finished processing 1 / 1 hosts"), "\(one)")
            let nobody = try await site.mco("ping", "-F", "role=mail")
            #expect(nobody.standardOutput.contains("No responses received"), "\(nobody)")
            let stranger = try await site.mco("ping", password: "wrong")
            #expect(stranger.status != 0, "\(stranger)")
        }
    }

    @Test("a broker that was killed and started again is found again by all", arguments: MCollective.Connector.allCases)
    func survivesRestart(connector: MCollective.Connector) async throws {
        try await CollectiveSite.with(connector) { site async throws in
            let broker = try await site.startBroker()
            try site.startNodes(Self.roles)
            try await site.waitForNodes(["n1", "n2", "n3"])
            broker.signal(SIGKILL)
            try await poll("the broker is gone", within: .seconds(10)) { !broker.isRunning }
            try await site.startBroker()
            try await site.waitForNodes(["n1", "n2", "n3"])
        }
    }

    private static func lines(_ output: Program.Output) -> [String] {
        output.standardOutput.split(separator: "\n").map(String.init).sorted()
    }
}
