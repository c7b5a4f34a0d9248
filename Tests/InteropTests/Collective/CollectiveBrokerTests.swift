import MusterTestSupport
import Testing

/// Unchanged `mco` and `mcollectived` at the brokers that are not ours: what all other suites over these rest on.
@Suite(
    "unchanged mco and mcollectived at RabbitMQ and ActiveMQ", MCollective.needed, CollectiveBroker.needed, .serialized)
struct CollectiveBrokerTests {
    @Test(
        "a node is found and answers, directly and with all",
        arguments: CollectiveSetup.others + CollectiveSetup.keyed.filter { $0.broker != .ours })
    func carries(setup: CollectiveSetup) async throws {
        try await CollectiveSite.with(setup) { site async throws in
            try await site.startBroker()
            try site.start([.init("n1", role: "web"), .init("n2", role: "db")])
            try await site.waitForNodes(["n1", "n2"])
            let one = try await site.mco("rpc", "rpcutil", "ping", "-I", "n2")
            #expect(one.standardOutput.contains("Finished processing 1 / 1 hosts"), "\(one)")
            let all = try await site.mco(
                "rpc", "rpcutil", "get_fact", "fact=role", settings: "direct_addressing_threshold = 1")
            #expect(all.standardOutput.contains("Finished processing 2 / 2 hosts"), "\(all)")
        }
    }

    @Test(
        "a broker that was killed and started again is found again",
        arguments: CollectiveSetup.others)
    func comesBack(setup: CollectiveSetup) async throws {
        try await CollectiveSite.with(setup) { site async throws in
            let broker = try await site.startBroker()
            try site.start([.init("n1", role: "web")])
            try await site.waitForNodes(["n1"])
            try await broker.kill()
            try await site.startBroker()
            try await site.waitForNodes(["n1"])
        }
    }
}
