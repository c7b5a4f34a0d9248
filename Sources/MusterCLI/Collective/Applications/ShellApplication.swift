import MCollectiveProtocol

/// `mco shell ACTION`: commands on nodes, waited for or started and watched.
///
/// Source: `application/shell.rb` of the shell plugin.
struct ShellApplication: McoApplication {
    static let name = "shell"
    static let summary = "Run shell commands"
    static let usage = [
        """
        mco shell [OPTIONS] [FILTERS] <ACTION> [ARGS]

          mco shell run [--tail] [COMMAND]
          mco shell start [COMMAND]
          mco shell watch [HANDLE]
          mco shell list
          mco shell kill [HANDLE]
        """
    ]
    static let options: [RubyOption] = [.init("tail", nil, ["--tail"], "Switch run to tail mode")]

    private enum Command {
        case run(String), tail(String), start(String)
        case watch(handles: [String])
        case list
        case kill(handle: String)
    }

    private let command: Command

    init(_ invocation: McoInvocation) throws {
        let words = Array(invocation.words.dropFirst())
        let line = words.joined(separator: " ")
        switch invocation.words.first {
        case "run": command = invocation.has("tail") ? .tail(line) : .run(line)
        case "start": command = .start(line)
        case "watch": command = .watch(handles: words)
        case "list": command = .list
        case "kill":
            guard let handle = words.first else { throw McoFailure("Action kill needs a handle argument") }
            command = .kill(handle: handle)
        case nil: throw McoFailure("Please specify an action")
        default: throw McoFailure("Action has to be one of run, start, watch, list, kill")
        }
    }

    func run(in world: McoWorld) async throws -> Int32 {
        try await McoClient.with(world, agent: "shell") { client in try await run(&client) }
    }

    private func run(_ client: inout McoClient) async throws -> Int32 {
        let text = ShellText(layout: client.world.layout, isVerbose: client.world.invocation.isVerbose)
        switch command {
        case .run(let line):
            let outcome = try await client.call("run", [.symbol("command"): .text(line)])
            try print(text.answers(outcome.results), outcome, "Ran command: \(line)", client.world)
        case .start(let line):
            let outcome = try await client.call("start", [.symbol("command"): .text(line)])
            try print(text.handles(outcome.results), outcome, "Started command: \(line)", client.world)
        case .list:
            let outcome = try await client.call("list")
            try print(text.jobs(outcome.results), outcome, "Command list", client.world)
        case .kill(let handle):
            let outcome = try await client.call("kill", [.symbol("handle"): .text(handle)])
            try print("", outcome, "Command list", client.world)
        case .watch(let handles):
            let outcome = try await client.call("list")
            let jobs = outcome.results.flatMap { ShellJob.jobs(of: $0) }.filter { handles.contains($0.handle) }
            return try await ShellWatch(client: client, killsOnInterrupt: false).run(jobs)
        case .tail(let line):
            let outcome = try await client.call("start", [.symbol("command"): .text(line)])
            return try await ShellWatch(client: client, killsOnInterrupt: true)
                .run(outcome.results.compactMap { ShellJob(started: $0) })
        }
        return 0
    }

    private func print(
        _ text: String, _ outcome: McoClient.Outcome, _ caption: String, _ world: McoWorld
    ) throws {
        if !text.isEmpty { try world.puts(text) }
        try world.printStatistics(outcome.statistics, caption: caption, summarizes: true)
    }
}

/// A command that runs on a node, by its handle there.
struct ShellJob: Sendable, Hashable {
    var node: String
    var handle: String

    init(node: String, handle: String) {
        self.node = node
        self.handle = handle
    }

    /// What `start` answered; nil when it failed.
    init?(started result: McoResult) {
        guard result.reply.status == .ok, let handle = result.reply.data[named: "handle"]?.text else { return nil }
        self.init(node: result.sender, handle: handle)
    }

    /// What `list` answered.
    static func jobs(of result: McoResult) -> [ShellJob] {
        guard result.reply.status == .ok, let jobs = result.reply.data[named: "jobs"]?.hash else { return [] }
        return jobs.pairs.compactMap { $0.key.text.map { ShellJob(node: result.sender, handle: $0) } }
    }
}
