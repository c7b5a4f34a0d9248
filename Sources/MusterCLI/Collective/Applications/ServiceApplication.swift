import MCollectiveProtocol

/// `mco service SERVICE ACTION`: what runs, and starting it.
///
/// Source: `application/service.rb` of the service plugin.
struct ServiceApplication: McoApplication {
    static let name = "service"
    static let summary = "Manages system services"
    static let usage = [
        """
        mco service <SERVICE> <ACTION>

        ACTION can be one of the following :

            start   - start service
            stop    - stop service
            restart - restart or reload service
            status  - determine the current staus of the remote service
        """
    ]
    static let options: [RubyOption] = [.init("yes", "-y", ["--yes"], "Assume yes on any prompts")]

    private let service: String
    private let action: String
    private let isConfirmed: Bool

    init(_ invocation: McoInvocation) throws {
        guard invocation.words.count >= 2 else { throw McoFailure("Please specify service name and action") }
        service = invocation.words[0]
        action = invocation.words[1]
        guard ["start", "stop", "restart", "status"].contains(action) else {
            throw McoFailure("Action has to be one of start, stop, restart or status")
        }
        isConfirmed = invocation.has("yes") || action == "status" || !invocation.filter.isEmpty
    }

    func run(in world: McoWorld) async throws -> Int32 {
        guard isConfirmed || world.confirms("Do you really want to operate on services unfiltered? (y/n): ") else {
            return 1
        }
        return try await McoClient.with(world, agent: "service") { client in
            let outcome = try await client.call(action, [.symbol("service"): .text(service)])
            let lines = SenderLines(layout: world.layout, results: outcome.results)
            try world.puts(lines.text { line($0, isVerbose: world.invocation.isVerbose) } + "\n")
            try world.printStatistics(outcome.statistics, caption: "\(action) Service results", summarizes: true)
            return outcome.statistics.exitCode
        }
    }

    /// What is told of an answer that went well: nothing when the service does what was asked.
    private func line(_ reply: RPCReply, isVerbose: Bool) -> String? {
        let status = RubyText.text(of: reply.data[named: "status"] ?? .null)
        switch action {
        case "start" where !isVerbose, "restart" where !isVerbose: return status == "running" ? nil : status
        case "stop" where !isVerbose: return status == "stopped" ? nil : status
        default: return status
        }
    }
}
