import Foundation
import MusterTestSupport
import Testing

/// Unchanged `mco` and `mcollectived` with each security provider, with our broker between them.
@Suite("security of a collective at our broker", MCollective.needed, .serialized)
struct CollectiveSecurityTests {
    @Test(
        "who has the right key is answered, and nobody else",
        arguments: [MCollective.Connector.rabbitmq, .activemq], MCollective.Security.allCases)
    func answers(connector: MCollective.Connector, security: MCollective.Security) async throws {
        let setup = CollectiveSetup(broker: .ours, connector: connector, security: security)
        try await CollectiveSite.with(setup) { site async throws in
            try await site.startBroker()
            try site.start([.init("n1", role: "web"), .init("n2", role: "db")])
            try await site.waitForNodes(["n1", "n2"])
            for threshold in [10, 1] {
                let reply = try await site.mco(
                    "rpc", "rpcutil", "get_fact", "fact=role", settings: "direct_addressing_threshold = \(threshold)")
                #expect(reply.standardOutput.contains("Finished processing 2 / 2 hosts"), "\(threshold): \(reply)")
            }
            let wrongKey =
                switch security {
                case .psk: "plugin.psk = another secret"
                case .ssl: "plugin.ssl_client_private = \(site.keys.nodePrivate.path)"
                case .aes: "plugin.aes.client_private = \(site.keys.nodePrivate.path)"
                }
            let stranger = try await site.mco("ping", settings: wrongKey)
            #expect(stranger.standardOutput.contains("No responses received"), "\(stranger)")
        }
    }
}
