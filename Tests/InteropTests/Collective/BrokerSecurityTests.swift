import DaemonSupport
import Foundation
import MusterCore
import MusterTestSupport
import Testing

/// Our broker's users, permissions, TLS and administration, with unchanged `mco` and `mcollectived`.
@Suite("our broker keeps nodes and clients apart", MCollective.needed, .serialized)
struct BrokerSecurityTests {
    private static let setup = CollectiveSetup(broker: .ours, connector: .rabbitmq)
    private static let pool = "plugin.rabbitmq.pool.1"

    private static func login(_ name: String) -> String { "\(pool).user = \(name)\n\(pool).password = \(name)" }

    /// What section 16 of the protocol's description recommends: nodes only hear requests and send replies, clients only send
    /// requests and hear replies.
    private static func addRoles(_ site: CollectiveSite) async throws {
        try await site.addUser(
            "node", configure: "^$", write: "^amq\\.default$", read: "^(mcollective|web)_(broadcast|directed)$")
        try await site.addUser(
            "operator", configure: "^amq\\.gen-", write: "^(mcollective|web)_(broadcast|directed)$",
            read: "^amq\\.gen-")
    }

    @Test("nodes and operators are users that may do only what is theirs")
    func permissions() async throws {
        try await CollectiveSite.with(Self.setup) { site async throws in
            try await site.startBroker()
            try await Self.addRoles(site)
            try site.start([
                .init("n1", role: "web", settings: Self.login("node")),
                .init("n2", role: "db", settings: Self.login("node")),
            ])
            // As the user who may do everything.
            try await site.waitForNodes(["n1", "n2"])
            let ping = try await site.mco("ping", settings: Self.login("operator"))
            #expect(ping.standardOutput.contains("2 replies max:"), "\(ping)")
            let one = try await site.mco("rpc", "rpcutil", "ping", "-I", "n2", settings: Self.login("operator"))
            #expect(one.standardOutput.contains("Finished processing 1 / 1 hosts"), "\(one)")

            // A node's password commands nobody.
            let intruder = try await site.mco("ping", settings: Self.login("node"))
            #expect(!intruder.standardOutput.contains("replies max:"), "\(intruder)")
            let status = try await site.administer("status", "--json").json()
            #expect((status["refusedFrames"]?.int ?? 0) > 0, "\(status)")

            let clients = try await site.administer("connections", "--user", "node", "--json").jsonLines()
            #expect(clients.count == 2)
            #expect(clients.allSatisfy { $0["virtualHost"]?.string == CollectiveBroker.virtualHost })
            let topics = try await site.administer("topics").standardOutput
            #expect(topics.contains("/exchange/mcollective_broadcast/discovery"), "\(topics)")

            // Who is deleted is gone at once.
            let gone = try await site.administer("users", "delete", "node").standardOutput
            #expect(gone.contains("2 connections closed"), "\(gone)")
            let silence = try await site.mco("ping", settings: Self.login("operator"))
            #expect(silence.standardOutput.contains("No responses received"), "\(silence)")
        }
    }

    @Test("users and permissions are there after the broker was killed")
    func survives() async throws {
        try await CollectiveSite.with(Self.setup) { site async throws in
            let broker = try await site.startBroker()
            try await Self.addRoles(site)
            try await broker.kill()
            try await site.startBroker()
            try site.start([.init("n1", role: "web", settings: Self.login("node"))])
            try await site.waitForNodes(["n1"])
            let ping = try await site.mco("ping", settings: Self.login("operator"))
            #expect(ping.standardOutput.contains("1 replies max:"), "\(ping)")
        }
    }

    @Test("with TLS, each side with a certificate that the other verifies")
    func encrypts() async throws {
        try await CollectiveSite.with(Self.setup) { site async throws in
            let authority = try await TestAuthority(in: site)
            let tls = try LoopbackPorts.free(1)[0]
            try await site.startBroker([
                "--stomp-tls", "127.0.0.1:\(tls)", "--tls-certificate", authority.certificate("broker"), "--tls-key",
                authority.key("broker"), "--tls-ca", authority.file,
            ])
            let settings = """
                \(Self.pool).port = \(tls)
                \(Self.pool).ssl = 1
                \(Self.pool).ssl.ca = \(authority.file)
                \(Self.pool).ssl.cert = \(authority.certificate("client"))
                \(Self.pool).ssl.key = \(authority.key("client"))
                """
            try site.start([.init("n1", role: "web", settings: settings)])
            try await poll("the node answers over TLS", within: .seconds(120)) {
                try await site.mco("find", settings: settings).standardOutput.contains("n1")
            }
            let clients = try await site.administer("connections", "--json").jsonLines()
            #expect(clients.contains { $0["isEncrypted"]?.bool == true }, "\(clients)")

            // A certificate that is renewed is shown to whoever comes next.
            try await authority.sign("broker", as: "renewed")
            try await poll("the new certificate is used", within: .seconds(20)) {
                try await authority.subject(at: tls).contains("renewed")
            }

            // Without a certificate nobody comes in, and who forgets TLS is told.
            let stranger = try await site.mco(
                "ping",
                settings: """
                    \(Self.pool).port = \(tls)
                    \(Self.pool).ssl = 1
                    \(Self.pool).ssl.fallback = 1
                    plugin.rabbitmq.max_reconnect_attempts = 1
                    """)
            #expect(!stranger.standardOutput.contains("replies max:"), "\(stranger)")
            #expect(site.site.output(of: "broker").contains("TLS handshake failed"))
            let plain = try await site.mco("ping", settings: "\(Self.pool).port = \(tls)")
            #expect(!plain.standardOutput.contains("replies max:"), "\(plain)")
            #expect(site.site.output(of: "broker").contains("client spoke plain STOMP to a TLS port"))
        }
    }
}
