import DaemonSupport
import Foundation
import MusterCore
import MusterTestSupport
import Testing

/// Our `mco` and our nodes, over every broker: nothing of MCollective's is left but the wire.
@Suite("our mco and our nodes", MCollective.needed, CollectiveBroker.needed, .serialized)
struct OursTogetherTests {
    private static let nodes: [CollectiveSite.Node] = [.init("n1", role: "web"), .init("n2", role: "db")]

    @Test("discovery, filters and requests", arguments: CollectiveSetup.matrix)
    func matrix(setup: CollectiveSetup) async throws {
        try await CollectiveSite.with(setup) { site async throws in
            try await site.startBroker()
            try site.startOurs(Self.nodes)
            try await site.waitForOurs(["n1", "n2"])
            for (words, found) in [
                (["-F", "role=db"], ["n2"]), (["-S", "fact('role').value=web"], ["n1"]),
                (["-C", "/^ba/"], ["n1", "n2"]),
            ] {
                let output = try await site.run(try MCollective.ours, ["find"] + words)
                #expect(Self.lines(output) == found, "\(words): \(output)")
            }
            for threshold in [10, 1] {
                let facts = try await site.run(
                    try MCollective.ours, ["rpc", "rpcutil", "get_fact", "fact=role"],
                    settings: "direct_addressing_threshold = \(threshold)")
                #expect(facts.standardOutput.contains("Finished processing 2 / 2 hosts"), "\(facts)")
            }
        }
    }

    @Test("with TLS, each side with a certificate that the other verifies")
    func encrypts() async throws {
        try await CollectiveSite.with(.init(broker: .ours, connector: .rabbitmq)) { site async throws in
            let authority = try await TestAuthority(in: site)
            let tls = try LoopbackPorts.free(1)[0]
            try await site.startBroker([
                "--stomp-tls", "127.0.0.1:\(tls)", "--tls-certificate", authority.certificate("broker"), "--tls-key",
                authority.key("broker"), "--tls-ca", authority.file,
            ])
            let pool = "plugin.rabbitmq.pool.1"
            let settings = """
                \(pool).port = \(tls)
                \(pool).ssl = 1
                \(pool).ssl.ca = \(authority.file)
                \(pool).ssl.cert = \(authority.certificate("client"))
                \(pool).ssl.key = \(authority.key("client"))
                """
            try site.startOurs([.init("n1", role: "web", settings: settings)])
            try await site.waitForOurs(["n1"], settings: settings)
            let clients = try await site.administer("connections", "--json").jsonLines()
            #expect(clients.contains { $0["isEncrypted"]?.bool == true }, "\(clients)")

            // A broker that another authority has signed is none of ours, and that is said.
            let strange = try await TestAuthority(in: site, folder: "other")
            let refused = try await site.run(
                try MCollective.ours, ["ping"],
                settings: settings.replacing("ssl.ca = \(authority.file)", with: "ssl.ca = \(strange.file)"))
            #expect(refused.status == 1)
            #expect(refused.standardError.contains("not signed by the configured authority"), "\(refused)")
            let plain = try await site.run(
                try MCollective.ours, ["ping"], settings: settings + "\n\(pool).port = \(site.port)")
            #expect(plain.status == 1)
            #expect(plain.standardError.contains("does not speak TLS"), "\(plain)")
        }
    }

    @Test("the installed Puppet is disabled, enabled and run")
    func puppet() async throws {
        try await CollectiveSite.with(.init(broker: .ours, connector: .activemq)) { site async throws in
            let home = site.site.file("puppet")
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            let configuration = home.appending(path: "puppet.conf")
            // There is no server: how far the agent comes by itself is enough to see that it runs.
            let folders = ["vardir", "ssldir", "rundir", "logdir", "statedir", "publicdir"].map {
                "\($0) = \(home.path)/\($0)"
            }
            let lines =
                ["[main]", "certname = n1", "server = 127.0.0.1", "serverport = 1", "waitforcert = 0"] + folders
            try (lines.joined(separator: "\n") + "\n").write(to: configuration, atomically: true, encoding: .utf8)
            try await site.startBroker()
            try site.startOurs([
                .init(
                    "n1", role: "web",
                    settings: "plugin.puppet.config = \(configuration.path)\nplugin.puppet.splay = 0")
            ])
            try await site.waitForOurs(["n1"])
            let status = try await site.run(try MCollective.ours, ["puppet", "status"])
            #expect(status.standardOutput.contains("n1: Currently stopped; last completed run"), "\(status)")

            let disabled = try await site.run(try MCollective.ours, ["puppet", "disable", "for a test"])
            #expect(disabled.status == 0, "\(disabled)")
            let refused = try await site.run(try MCollective.ours, ["puppet", "runonce"])
            #expect(refused.standardOutput.contains("Puppet is disabled: 'for a test'"), "\(refused)")
            let enabled = try await site.run(try MCollective.ours, ["puppet", "enable"])
            #expect(enabled.status == 0, "\(enabled)")

            // A run makes a place for its keys before it asks the server.
            let keys = home.appending(path: "ssldir/private_keys").path
            #expect(!FileManager.default.fileExists(atPath: keys))
            let run = try await site.run(try MCollective.ours, ["puppet", "runonce"])
            #expect(run.standardOutput.contains("Finished processing 1 / 1 hosts"), "\(run)")
            try await poll("the agent has begun to run", within: .seconds(90)) {
                FileManager.default.fileExists(atPath: keys)
            }
        }
    }

    @Test("one process is a node of a controller and of a collective, with the same functions")
    func bothWires() async throws {
        try await CollectiveSite.with(.init(broker: .ours, connector: .rabbitmq)) { collective async throws in
            try await collective.startBroker()
            let file = try collective.nodeConfiguration(.init("n1", role: "web"))
            try await SaltSite.with { salt async throws in
                try await salt.startController(settings: "auto_accept: true")
                try salt.startNode("n1", options: ["--mcollective-config", file.path])
                try await salt.waitForNode("n1")
                try await collective.waitForOurs(["n1"])
                let job = try await salt.run("n1", "rpcutil.get_fact", "fact=role")
                #expect(job.answer("n1")?["value"]?["value"] == "web", "\(job)")
                let call = try await collective.run(
                    try MCollective.ours, ["rpc", "rpcutil", "get_fact", "fact=role", "-I", "n1"])
                #expect(call.standardOutput.contains("Value: web"), "\(call)")
            }
        }
    }

    private static func lines(_ output: Program.Output) -> [String] {
        output.standardOutput.split(separator: "\n").map(String.init).sorted()
    }
}

extension CollectiveSite {
    /// Waits until our client's discovery finds exactly these.
    func waitForOurs(_ identities: [String], settings: String = "") async throws {
        try await poll("our discovery finds \(identities)", within: .seconds(120)) {
            let found = try await run(try MCollective.ours, ["find"], settings: settings).standardOutput
            return found.split(separator: "\n").map(String.init).sorted() == identities.sorted()
        }
    }
}
