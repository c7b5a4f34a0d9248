import Foundation
import MusterTestSupport
import Testing

/// Unchanged `mco` with nodes of ours in the place of `mcollectived`, over each broker, connector and security provider.
@Suite("unchanged mco and our nodes", MCollective.needed, CollectiveBroker.needed, .serialized)
struct NodeServesCollectiveTests {
    private typealias Node = CollectiveSite.Node

    private static let nodes = [
        Node("n1", role: "web"), Node("n2", role: "web"), Node("n3", role: "db", collectives: ["mcollective"]),
    ]
    private static let setups = CollectiveSetup.matrix + CollectiveSetup.ours.filter { $0.connector == .stomp }

    @Test("discovery, filters, requests and sub-collectives", arguments: setups)
    func serves(setup: CollectiveSetup) async throws {
        try await CollectiveSite.with(setup) { site async throws in
            try await site.startBroker()
            try site.startOurs(Self.nodes)
            try await site.waitForNodes(["n1", "n2", "n3"])

            let ping = try await site.mco("ping")
            #expect(ping.standardOutput.contains("3 replies max:"), "\(ping)")
            for (words, found) in [
                (["-F", "role=web"], ["n1", "n2"]), (["-C", "db"], ["n3"]), (["-C", "/^ba/"], ["n1", "n2", "n3"]),
                (["-A", "rpcutil"], ["n1", "n2", "n3"]), (["-A", "nosuch"], []), (["-I", "/[23]$/"], ["n2", "n3"]),
                (["-S", "role=db or fact('role').value=web"], ["n1", "n2", "n3"]),
                (["-S", "base and not collective('web').member=true"], ["n3"]), (["-T", "web"], ["n1", "n2"]),
            ] {
                let output = try await site.mco(["find"] + words)
                #expect(Self.lines(output) == found, "\(words): \(output)")
            }
            let inventory = try await site.mco("inventory", "n3")
            #expect(inventory.standardOutput.contains("role => db"), "\(inventory)")
            #expect(inventory.standardOutput.contains("Replies Sent:"), "\(inventory)")
            let facts = try await site.mco("facts", "role")
            #expect(facts.standardOutput.contains("found 2 times"), "\(facts)")
            // To each node by itself, and to all at once: three are more than two.
            for threshold in [10, 2] {
                let setting = "direct_addressing_threshold = \(threshold)"
                let reply = try await site.mco("rpc", "rpcutil", "get_fact", "fact=role", settings: setting)
                #expect(reply.standardOutput.contains("Finished processing 3 / 3 hosts"), "\(threshold): \(reply)")
                #expect(reply.standardOutput.contains("Value: db"), "\(threshold): \(reply)")
            }
        }
    }

    @Test("every action of rpcutil, and what is wrong with a call")
    func rpcutil() async throws {
        try await CollectiveSite.with(CollectiveSetup(broker: .ours, connector: .rabbitmq)) { site async throws in
            try await site.startBroker()
            try site.startOurs([Node("n1", role: "web")])
            try await site.waitForNodes(["n1"])
            for (call, shown) in [
                (["ping"], "Timestamp: "), (["inventory"], "Main Collective: mcollective"),
                (["get_fact", "fact=role"], "Value: web"), (["get_facts", "facts=role, os"], #""os"=>"Debian""#),
                (["daemon_stats"], "Failed Security: 0"), (["agent_inventory"], ":agent=>\"discovery\""),
                (["get_config_item", "item=main_collective"], "Value: mcollective"),
                (["collective_info"], #"All Collectives: ["mcollective", "web"]"#),
                (["get_data", "source=collective", "query=web"], "member: true"),
                (["get_data", "source=fact", "query=role"], "value: web"),
                (["get_data", "source=agent", "query=rpcutil"], "timeout: 10"),
                (["get_data", "source=fstat", "query=/etc/hosts"], "type: file"),
                (["get_data", "source=nosuch"], "No plugin nosuch_data defined"),
                (["get_config_item", "item=nosuch"], "Unknown config property nosuch"),
            ] {
                let output = try await site.mco(["rpc", "rpcutil"] + call + ["-I", "n1"])
                #expect(output.standardOutput.contains(shown), "\(call): \(output)")
            }
        }
    }

    @Test("a broker that was killed and started again is found again by all")
    func survivesRestart() async throws {
        try await CollectiveSite.with(CollectiveSetup(broker: .ours, connector: .activemq)) { site async throws in
            let broker = try await site.startBroker()
            try site.startOurs(Self.nodes)
            try await site.waitForNodes(["n1", "n2", "n3"])
            try await broker.kill()
            try await site.startBroker()
            try await site.waitForNodes(["n1", "n2", "n3"])
        }
    }

    @Test("an unchanged node receives the registration of ours")
    func registers() async throws {
        try await CollectiveSite.with(CollectiveSetup(broker: .ours, connector: .rabbitmq)) { site async throws in
            try await site.startBroker()
            let seen = site.site.file("registrations")
            let library = site.site.file("receiver")
            let agents = library.appending(path: "mcollective/agent")
            try FileManager.default.createDirectory(at: agents, withIntermediateDirectories: true)
            let receiver = Self.receiver.replacing("FILE", with: seen.path)
            try receiver.write(to: agents.appending(path: "registration.rb"), atomically: true, encoding: .utf8)
            try site.start([Node("old", role: "cmdb", settings: "libdir = \(library.path)")])
            try site.startOurs([Node("n1", role: "web", settings: "registerinterval = 1")])
            try await poll("n1 is registered", within: .seconds(120)) {
                (try? String(contentsOf: seen, encoding: .utf8))?.contains("n1: discovery rpcutil") == true
            }
        }
    }

    /// An agent of the reference that writes down who registers.
    private static let receiver = """
        module MCollective
          module Agent
            class Registration
              attr_reader :timeout, :meta
              def initialize
                @timeout = 1
                @meta = {:name => "registration", :license => "x", :author => "x", :version => "1", :url => "x", :timeout => 1}
              end
              def handlemsg(message, connection)
                File.open("FILE", "a") { |file| file.puts("#{message[:senderid]}: #{message[:body].join(" ")}") }
                nil
              end
            end
          end
        end
        """

    @Test("policies keep callers out, and what is let in is in the audit log")
    func authorizes() async throws {
        try await CollectiveSite.with(CollectiveSetup(broker: .ours, connector: .rabbitmq)) { site async throws in
            try await site.startBroker()
            let log = site.site.file("audit.log")
            let policies = site.site.file("policies")
            try FileManager.default.createDirectory(at: policies, withIntermediateDirectories: true)
            try "policy default deny\nallow\tuid=\(getuid())\tping\trole=web\t*\n".write(
                to: policies.appending(path: "rpcutil.policy"), atomically: true, encoding: .utf8)
            let settings = """
                rpcauthorization = 1
                rpcauthprovider = action_policy
                rpcaudit = 1
                rpcauditprovider = logfile
                plugin.rpcaudit.logfile = \(log.path)
                """
            try site.startOurs([
                Node("n1", role: "web", settings: settings), Node("n2", role: "db", settings: settings),
            ])
            try await site.waitForNodes(["n1", "n2"])
            let ping = try await site.mco("rpc", "rpcutil", "ping")
            #expect(ping.standardOutput.contains("You are not authorized to call this agent or action."), "\(ping)")
            #expect(ping.standardOutput.contains("Timestamp: "), "\(ping)")
            let fact = try await site.mco("rpc", "rpcutil", "get_fact", "fact=role")
            #expect(!fact.standardOutput.contains("Value: web"), "\(fact)")
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 1 && lines[0].contains("caller=uid=\(getuid())@client agent=rpcutil action=ping"))
        }
    }

    private static func lines(_ output: Program.Output) -> [String] {
        output.standardOutput.split(separator: "\n").map(String.init).sorted()
    }
}

extension CollectiveSite {
    /// Starts nodes of ours with the files that unchanged ones have. They join on their own time.
    func startOurs(_ nodes: [Node]) throws {
        for node in nodes {
            let file = try nodeConfiguration(node)
            let own = site.file("\(node.identity).yaml")
            try "state_dir: \(site.file("\(node.identity).state").path)\n".write(
                to: own, atomically: true, encoding: .utf8)
            _ = try site.start(
                node.identity, Program.musterExecutable(),
                ["serve", "node", "--config", own.path, "--mcollective-config", file.path])
        }
    }
}
