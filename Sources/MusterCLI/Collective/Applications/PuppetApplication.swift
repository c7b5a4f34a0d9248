import MCollectiveProtocol

/// `mco puppet COMMAND`: the Puppet agents of the nodes.
///
/// Source: `application/puppet.rb` of the puppet plugin.
struct PuppetApplication: McoApplication {
    static let name = "puppet"
    static let summary = "Schedule runs, enable, disable and interrogate the Puppet Agent"
    static let usage = [
        "mco puppet [OPTIONS] [FILTERS] <ACTION> [CONCURRENCY|MESSAGE]",
        "mco puppet <count|enable|status|summary>",
        "mco puppet disable [message]",
        "mco puppet runonce [PUPPET OPTIONS]",
        "mco puppet resource type name property1=value property2=value",
        """
        mco puppet runall [--rerun SECONDS] [PUPPET OPTIONS]

        The ACTION can be one of the following:

            count    - return a total count of running, enabled, and disabled nodes
            enable   - enable the Puppet Agent if it was previously disabled
            disable  - disable the Puppet Agent preventing catalog from being applied
            resource - manage individual resources using the Puppet Type (RAL) system
            runall   - invoke a puppet run on matching nodes, making sure to only run
                       CONCURRENCY nodes at a time. NOTE that any compound filters (-S)
                       used with runall will be wrapped in parentheses and and'ed
                       with "puppet().enabled=true".
            runonce  - invoke a Puppet run on matching nodes
            status   - shows a short summary about each Puppet Agent status
            summary  - shows resource and run time summaries
        """,
    ]
    static let options = PuppetRunOptions.declarations

    private enum Command {
        case count, enable, status, summary, runOnce
        case disable(message: String?)
        case runAll(concurrency: Int, every: Int?)
        case resource(RubyHash)
    }

    private let command: Command
    private let runOptions: PuppetRunOptions

    init(_ invocation: McoInvocation) throws {
        runOptions = try PuppetRunOptions(invocation)
        let argument = invocation.words.dropFirst().first
        switch invocation.words.first {
        case "count": command = .count
        case "enable": command = .enable
        case "status": command = .status
        case "summary": command = .summary
        case "runonce": command = .runOnce
        case "disable": command = .disable(message: argument)
        case "resource": command = .resource(try PuppetApplication.resource(Array(invocation.words.dropFirst())))
        case "runall":
            guard let argument else { throw McoFailure("The runall command needs a concurrency limit") }
            guard let concurrency = Int(argument) else {
                throw McoFailure("invalid value for Integer(): \"\(argument)\"")
            }
            guard concurrency > 0 else {
                throw McoFailure("The concurrency for the runall command has to be greater than 0")
            }
            command = .runAll(concurrency: concurrency, every: invocation["rerun"].flatMap { Int($0) })
        case nil: throw McoFailure("Please specify a command.")
        default:
            throw McoFailure(
                "Action must be count, enable, disable, resource, runall, runonce, status or summary")
        }
    }

    private static func resource(_ words: [String]) throws -> RubyHash {
        guard let type = words.first else { throw McoFailure("The resource command needs a type to operate on") }
        guard words.count > 1 else { throw McoFailure("The resource command needs a name to operate on") }
        var inputs: RubyHash = [.symbol("name"): .text(words[1]), .symbol("type"): .text(type)]
        for word in words.dropFirst(2) {
            guard let pair = InputArgument.split(word) else { throw McoFailure("Could not parse argument '\(word)'") }
            inputs[.text(pair.name)] = .text(pair.text)
        }
        return inputs
    }

    func run(in world: McoWorld) async throws -> Int32 {
        if case .runAll(let concurrency, let interval) = command {
            return try await PuppetRunner(world: world, options: runOptions, concurrency: concurrency)
                .run(every: interval)
        }
        return try await McoClient.with(world, agent: "puppet") { client in try await run(&client) }
    }

    private func run(_ client: inout McoClient) async throws -> Int32 {
        switch command {
        case .count: return try await count(&client)
        case .summary: return try await summary(&client)
        case .status: return try await status(&client)
        case .enable: return try await call("enable", [:], &client)
        case .disable(let message):
            return try await call("disable", message.map { [.symbol("message"): .text($0)] } ?? [:], &client)
        case .resource(let inputs): return try await call("resource", inputs, &client)
        case .runOnce, .runAll: return try await call("runonce", runOptions.inputs, summarizes: false, &client)
        }
    }

    private func call(
        _ action: String, _ inputs: RubyHash, summarizes: Bool = true, _ client: inout McoClient
    ) async throws -> Int32 {
        let outcome = try await client.call(action, inputs)
        try client.world.printResults(outcome.results, of: try client.action(action))
        try client.world.printStatistics(outcome.statistics, summarizes: summarizes)
        return outcome.statistics.exitCode
    }

    private func status(_ client: inout McoClient) async throws -> Int32 {
        let outcome = try await client.call("status")
        let lines = SenderLines(layout: client.world.layout, results: outcome.results, failureColor: .red)
        let text = lines.text { RubyText.text(of: $0.data[named: "message"] ?? .null) }
        try client.world.puts(text + "\n")
        try client.world.printStatistics(outcome.statistics, summarizes: true)
        return outcome.statistics.exitCode
    }

    private func count(_ client: inout McoClient) async throws -> Int32 {
        client.showsProgress = false
        let outcome = try await client.call("status")
        try client.world.puts(PuppetCount(outcome).text(client.world.colors))
        return outcome.statistics.exitCode
    }

    private func summary(_ client: inout McoClient) async throws -> Int32 {
        client.showsProgress = false
        let outcome = try await client.call("last_run_summary")
        try client.world.puts(PuppetSummary.text(outcome.results))
        return outcome.statistics.exitCode
    }
}
