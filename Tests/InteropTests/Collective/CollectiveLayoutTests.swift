import MusterTestSupport
import Testing

/// How unchanged `mco` and `mcollectived` divide, count and register themselves, with our broker between them.
@Suite("collectives of several shapes at our broker", MCollective.needed, .serialized)
struct CollectiveLayoutTests {
    private typealias Node = CollectiveSite.Node

    @Test("a sub-collective reaches its members only", arguments: CollectiveSetup.ours)
    func subCollective(setup: CollectiveSetup) async throws {
        try await CollectiveSite.with(setup) { site async throws in
            try await site.startBroker()
            try site.start([
                Node("n1", role: "web"), Node("n2", role: "db", collectives: ["mcollective"]),
                Node("n3", role: "web", collectives: ["web"]),
            ])
            try await site.waitForNodes(["n1", "n2"])
            let web = try await site.mco("find", "-T", "web")
            #expect(BrokerCarriesCollectiveTests.lines(web) == ["n1", "n3"], "\(web)")
            let reply = try await site.mco("rpc", "rpcutil", "collective_info", "-T", "web", "-I", "n3")
            #expect(reply.standardOutput.contains("Finished processing 1 / 1 hosts"), "\(reply)")
            let unknown = try await site.mco("ping", "-T", "mail")
            #expect(unknown.status != 0, "\(unknown)")
        }
    }

    @Test("eleven nodes answer one broadcast, and eleven requests")
    func eleven() async throws {
        try await CollectiveSite.with(CollectiveSetup(broker: .ours, connector: .rabbitmq)) { site async throws in
            try await site.startBroker()
            let identities = (1...11).map { "n\($0)" }
            try site.start(identities.map { Node($0, role: "web") })
            try await site.waitForNodes(identities)
            // Up to the threshold each node is asked by itself.
            for threshold in [10, 11] {
                let reply = try await site.mco(
                    "rpc", "rpcutil", "get_fact", "fact=role",
                    settings: "direct_addressing_threshold = \(threshold)")
                #expect(reply.standardOutput.contains("Finished processing 11 / 11 hosts"), "\(threshold): \(reply)")
            }
        }
    }

    @Test(
        "a node that registers says what agents it has",
        Peers.needed(StompClient.executable, installedBy: StompClient.script),
        arguments: [
            (MCollective.Connector.rabbitmq, "/exchange/mcollective_broadcast/registration"),
            (.activemq, "/topic/mcollective.registration.agent"), (.stomp, "/topic/mcollective.registration.command"),
        ])
    func registers(connector: MCollective.Connector, destination: String) async throws {
        try await CollectiveSite.with(CollectiveSetup(broker: .ours, connector: connector)) { site async throws in
            let broker = try await site.startBroker()
            try site.start([Node("n1", role: "web", settings: "registration = agentlist\nregisterinterval = 1")])
            try await site.waitForNodes(["n1"])
            let message = try await StompClient.program(.v1_2, port: broker.port).run([
                // The old connector names no virtual host, and is in the one that is called /.
                "watch", destination, connector == .stomp ? "/" : CollectiveBroker.virtualHost,
            ])
            #expect(message.standardOutput.contains("rpcutil"), "\(message)")
            #expect(message.standardOutput.contains("n1"), "\(message)")
        }
    }

    /// The port is fixed in their files, so nothing else may have it here.
    @Test("files of old sites work: virtual host /mcollective, port 6163", arguments: CollectiveSetup.ours)
    func oldSite(setup: CollectiveSetup) async throws {
        try await CollectiveSite.with(setup, port: 6163) { site async throws in
            try await site.startBroker()
            try site.start([Node("n1", role: "web")])
            try await site.waitForNodes(["n1"])
            let reply = try await site.mco("rpc", "rpcutil", "ping", "-I", "n1")
            #expect(reply.standardOutput.contains("Finished processing 1 / 1 hosts"), "\(reply)")
        }
    }
}
