import MCollectiveProtocol

/// `mco rpc AGENT ACTION [KEY=VALUE …]`: any action of any agent.
///
/// Source: MCollective 2.12, `application/rpc.rb`.
struct RPCApplication: McoApplication {
    static let name = "rpc"
    static let summary = "Generic RPC agent client application"
    static let usage = [
        "mco rpc [options] [filters] --agent <agent> --action <action> [--argument <key=val> --argument ...]",
        "mco rpc [options] [filters] <agent> <action> [<key=val> <key=val> ...]",
    ]
    static let options: [RubyOption] = [
        .init("no-results", nil, ["--no-results", "--nr"], "Do not process results, just send request"),
        .init("agent", "-a", ["--agent"], .text("AGENT"), "Agent to call"),
        .init("action", nil, ["--action"], .text("ACTION"), "Action to call"),
        .init("argument", nil, ["--arg", "--argument"], .text("ARGUMENT"), "Arguments to pass to agent"),
    ]

    private let agent: String
    private let action: String
    private let arguments: [(name: String, text: String)]
    private let wantsResults: Bool

    init(_ invocation: McoInvocation) throws {
        wantsResults = !invocation.has("no-results")
        for text in invocation.all("argument") where InputArgument.split(text) == nil {
            throw McoExit(
                1, "Validation of arguments failed: Could not parse --arg \(text) should be of the form key=val")
        }
        var given = invocation.all("argument")
        if let agent = invocation["agent"], let action = invocation["action"] {
            self.agent = agent
            self.action = action
        } else {
            guard invocation.words.count >= 2 else { throw McoExit(1, "No agent, action and arguments specified") }
            agent = invocation.words[0]
            action = invocation.words[1]
            given += invocation.words.dropFirst(2)
        }
        arguments = try given.map { text in
            guard let pair = InputArgument.split(text) else { throw McoExit(1, "Could not parse --arg \(text)") }
            return pair
        }
    }

    func run(in world: McoWorld) async throws -> Int32 {
        let declared = try world.action(action, of: agent)
        let inputs = try declared.inputs(from: arguments)
        try declared.check(inputs)
        return try await McoClient.with(world, agent: agent) { client in
            guard wantsResults, world.invocation.replyTo == nil else {
                return try await send(&client, inputs)
            }
            client.detectStandardInput()
            let nodes = try await client.discover(announces: true)
            var outcome = try await client.call(action, inputs)
            try world.printResults(outcome.results, of: declared)
            // Of a share of the nodes, all that were found are told.
            outcome.statistics.discovered = nodes.count
            if !nodes.isEmpty {
                try world.printStatistics(
                    outcome.statistics, caption: "\(agent)#\(action) call stats", summarizes: true)
            }
            return outcome.statistics.exitCode
        }
    }

    /// Sends the request and waits for nothing.
    private func send(_ client: inout McoClient, _ inputs: RubyHash) async throws -> Int32 {
        let target = client.world.invocation.replyTo
        let id = try await client.send(action, inputs, wantsReply: target != nil)
        try client.world.puts("Request sent with id: \(id)\(target.map { " replies to \($0)" } ?? "")")
        return 0
    }
}

/// `KEY=VALUE` on a command line.
enum InputArgument {
    /// The name in front of the first sign and the text behind it; nil when either is missing.
    static func split(_ text: String) -> (name: String, text: String)? {
        guard let sign = text.dropFirst().firstIndex(of: "=") else { return nil }
        let value = text[text.index(after: sign)...]
        return value.isEmpty ? nil : (String(text[..<sign]), String(value))
    }
}
