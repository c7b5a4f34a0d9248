import Foundation
import MusterTestSupport
import Testing

/// Unchanged `mco` and `mcollectived`, with our broker between them.
@Suite("unchanged mco and mcollectived at our broker", MCollective.needed, .serialized)
struct BrokerCarriesCollectiveTests {
    private typealias Node = CollectiveSite.Node

    private static let nodes = [Node("n1", role: "web"), Node("n2", role: "web"), Node("n3", role: "db")]

    @Test("discovery, requests and filters", arguments: CollectiveSetup.ours)
    func carries(setup: CollectiveSetup) async throws {
        try await CollectiveSite.with(setup) { site async throws in
            try await site.startBroker()
            try site.start(Self.nodes)
            try await site.waitForNodes(["n1", "n2", "n3"])

            let ping = try await site.mco("ping")
            #expect(ping.standardOutput.contains("3 replies max:"), "\(ping)")
            let web = try await site.mco("find", "-F", "role=web")
            #expect(Self.lines(web) == ["n1", "n2"], "\(web)")
            let classes = try await site.mco("find", "-C", "db")
            #expect(Self.lines(classes) == ["n3"], "\(classes)")
            let compound = try await site.mco("find", "-S", "role=db or n1")
            #expect(Self.lines(compound).contains("n3"), "\(compound)")

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

    @Test("a broker that was killed and started again is found again by all", arguments: CollectiveSetup.ours)
    func survivesRestart(setup: CollectiveSetup) async throws {
        try await CollectiveSite.with(setup) { site async throws in
            let broker = try await site.startBroker()
            try site.start(Self.nodes)
            try await site.waitForNodes(["n1", "n2", "n3"])
            try await broker.kill()
            try await site.startBroker()
            try await site.waitForNodes(["n1", "n2", "n3"])
        }
    }

    static func lines(_ output: Program.Output) -> [String] {
        output.standardOutput.split(separator: "\n").map(String.init).sorted()
    }
}
