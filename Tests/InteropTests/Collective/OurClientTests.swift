import Foundation
import MusterTestSupport
import Testing

/// Our `mco` and unchanged nodes; what it prints is what the unchanged `mco` prints at the same time.
@Suite("our mco and unchanged mcollectived", MCollective.needed, CollectiveBroker.needed, .serialized)
struct OurClientTests {
    private static let nodes: [CollectiveSite.Node] = [
        .init("n1", role: "web"), .init("n2", role: "web"), .init("n3", role: "db"),
    ]

    /// What both clients are asked; the names of brokers and files are added to it.
    private static let commands: [[String]] = [
        ["ping", "-t", "2"], ["ping", "-t", "1", "-F", "role=mail"], ["find"], ["find", "-v"],
        ["find", "-F", "role=web"],
        ["find", "-C", "/web|db/"], ["find", "-C", "db"], ["find", "-I", "/n[12]/"], ["find", "-I", "n2"],
        ["find", "-A", "rpcutil"], ["find", "-W", "base role=db"], ["find", "-T", "web"], ["find", "-T", "nosub"],
        ["find", "-S", "role=db or (web and not n1)"], ["find", "-v", "-S", "fstat('/etc/hosts').size > 1"],
        ["find", "-F", "role=mail"], ["facts", "role"], ["facts", "-v", "role"], ["facts", "nosuch"],
        ["inventory", "n3"], ["inventory", "--list-collectives"], ["inventory", "nosuch", "-t", "1"],
        ["rpc", "rpcutil", "ping"], ["rpc", "rpcutil", "ping", "-v"], ["rpc", "rpcutil", "ping", "-j"],
        ["rpc", "rpcutil", "get_fact", "fact=role"], ["rpc", "rpcutil", "get_facts", "facts=os,role"],
        ["rpc", "rpcutil", "get_config_item", "item=identity"], ["rpc", "rpcutil", "get_config_item", "item=nosuch"],
        ["rpc", "rpcutil", "collective_info"], ["rpc", "rpcutil", "inventory", "-I", "n1"],
        ["rpc", "rpcutil", "daemon_stats", "-I", "n1"], ["rpc", "rpcutil", "agent_inventory", "-I", "n1"],
        ["rpc", "rpcutil", "get_data", "source=fact", "query=role"], ["rpc", "rpcutil", "get_data", "source=nosuch"],
        ["rpc", "rpcutil", "get_data", "source=collective", "query=web", "-F", "role=db"],
        ["rpc", "rpcutil", "ping", "--batch", "2", "--batch-sleep", "0.1"],
        ["rpc", "rpcutil", "ping", "-I", "n1", "-I", "nosuch", "-t", "2"],
        // A smaller share is of those who answer first.
        ["rpc", "rpcutil", "ping", "--limit", "100%"],
        ["rpc", "rpcutil", "ping", "-F", "role=mail"], ["rpc", "rpcutil", "ping", "--sort", "--np"],
        ["rpc", "rpcutil", "nosuch"], ["rpc", "rpcutil", "get_fact"], ["rpc", "nosuch", "ping"], ["rpc"],
        ["rpc", "rpcutil", "ping", "--nr"], ["rpc", "--display", "failed", "rpcutil", "ping"],
        ["completion", "--list-actions", "--agent", "rpcutil", "-v"], ["help", "rpc"], ["facts"], ["ping", "--foo"],
    ]

    @Test("prints what the unchanged client prints")
    func sameText() async throws {
        try await CollectiveSite.with(.init(broker: .ours, connector: .rabbitmq)) { site async throws in
            try await site.startBroker()
            try site.start(Self.nodes)
            try await site.waitForNodes(["n1", "n2", "n3"])
            for words in Self.commands {
                let theirs = try await site.run(MCollective.program(MCollective.client), words)
                let ours = try await site.run(try MCollective.ours, words)
                let isCounted = words.contains("daemon_stats") || words.contains("inventory")
                #expect(
                    Self.lines(ours.standardOutput, isCounted) == Self.lines(theirs.standardOutput, isCounted),
                    "\(words): \(ours)\n\(theirs)")
                #expect(
                    Self.lines(ours.standardError, false) == Self.lines(theirs.standardError, false),
                    "\(words): \(ours)\n\(theirs)")
                #expect(ours.status == theirs.status, "\(words)")
            }
        }
    }

    @Test("asks over every broker, with every kind of keys", arguments: CollectiveSetup.matrix)
    func matrix(setup: CollectiveSetup) async throws {
        try await CollectiveSite.with(setup) { site async throws in
            try await site.startBroker()
            try site.start(Self.nodes)
            try await poll("our discovery finds all nodes", within: .seconds(180)) {
                let found = try await site.run(try MCollective.ours, ["find"]).standardOutput
                return Set(found.split(separator: "\n").map(String.init)) == ["n1", "n2", "n3"]
            }
            let ping = try await site.run(try MCollective.ours, ["ping", "-t", "2"])
            #expect(ping.standardOutput.contains("3 replies max:"), "\(ping)")
            let web = try await site.run(try MCollective.ours, ["find", "-F", "role=web"])
            #expect(Set(web.standardOutput.split(separator: "\n")) == ["n1", "n2"], "\(web)")
            // To each by itself, and to all at once.
            for threshold in [10, 2] {
                let facts = try await site.run(
                    try MCollective.ours, ["rpc", "rpcutil", "get_fact", "fact=role"],
                    settings: "direct_addressing_threshold = \(threshold)")
                #expect(facts.standardOutput.contains("Finished processing 3 / 3 hosts"), "\(facts)")
                #expect(facts.standardOutput.contains("web = 2"), "\(facts)")
            }
            let one = try await site.run(try MCollective.ours, ["inventory", "n3"])
            #expect(one.standardOutput.contains("role => db"), "\(one)")
            let other = try await site.run(try MCollective.ours, ["rpc", "rpcutil", "ping", "-T", "web", "-I", "n2"])
            #expect(other.standardOutput.contains("Finished processing 1 / 1 hosts"), "\(other)")
        }
    }

    @Test("a wrong password, no broker and no file are one line each")
    func failures() async throws {
        try await CollectiveSite.with(.init(broker: .ours, connector: .rabbitmq)) { site async throws in
            let absent = try await site.run(
                try MCollective.ours, ["ping"], settings: "connection_timeout = 1")
            #expect(absent.status == 1)
            #expect(absent.standardError.contains("no connection to"), "\(absent)")
            try await site.startBroker()
            let file = try site.clientConfiguration("", password: "wrong").path
            let stranger = try await MCollective.ours.run(["ping", "-c", file])
            #expect(stranger.status == 1)
            #expect(stranger.standardError.split(separator: "\n").count == 1, "\(stranger)")
            let nowhere = try await MCollective.ours.run(["ping", "-c", "/nonexistent.cfg"])
            #expect(nowhere.status == 1)
            #expect(nowhere.standardError.contains("/nonexistent.cfg"), "\(nowhere)")
        }
    }

    /// The lines of an output in one order, since nodes answer in any, and without what is another time every time.
    private static func lines(_ text: String, _ isCounted: Bool) -> [String] {
        var text = text.replacing(#/\r\d+ / \d+/#, with: "")
            .replacing(#/(?:warn|error|info) [0-9\/]+ [0-9:]+: (?:[a-z_]+\.rb:\d+:in `[^']*' )?/#, with: "log: ")
            .replacing(#/Timestamp: \d+/#, with: "Timestamp: N").replacing(#/:pong=>\d+/#, with: ":pong=>N")
            .replacing(#/"pong":\d+/#, with: "\"pong\":N").replacing(#/id: [0-9a-f]{32}/#, with: "id: ID")
            .replacing(#/\d+\.\d+ ?(ms|seconds)/#, with: "T")
            .replacing(#/max: [0-9.]+ min: [0-9.]+ avg: [0-9.]+/#, with: "TIMES")
            .replacing(#/Start Time: .*/#, with: "Start Time: T")
        if isCounted {
            text = text.replacing(#/#<Thread[^>]*>/#, with: "THREAD").replacing(#/\d+(\.\d+)?/#, with: "N")
        }
        if text.hasPrefix("[{") {
            // The elements of a list stand in the order of arrival.
            return text.trimmingCharacters(in: ["[", "]", "\n"]).replacing("},{\"agent\"", with: "}\n{\"agent\"")
                .split(separator: "\n").map(String.init).sorted()
        }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).sorted()
    }
}

extension MCollective {
    /// Our program in the place of `mco`.
    static var ours: Program {
        get throws { Program(executable: try Program.musterExecutable(), prefix: ["as", "mco"]) }
    }
}

extension CollectiveSite {
    /// Runs a client, ours or the unchanged one, with the same words and the same file.
    func run(_ client: Program, _ words: [String], settings: String = "") async throws -> Program.Output {
        let file = try clientConfiguration("loglevel = warn\n\(settings)")
        return try await client.run(words + ["--config", file.path])
    }
}
