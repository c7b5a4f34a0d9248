import MCollectiveProtocol

/// `mco facts FACT`: which values a fact has, and how often.
///
/// Source: MCollective 2.12, `application/facts.rb`.
struct FactsApplication: McoApplication {
    static let name = "facts"
    static let summary = "Reports on usage for a specific fact"

    private let fact: String

    init(_ invocation: McoInvocation) throws {
        guard let fact = invocation.words.first else { throw McoFailure("Please specify a fact to report for") }
        self.fact = fact
    }

    func run(in world: McoWorld) async throws -> Int32 {
        return try await McoClient.with(world, agent: "rpcutil") { client in
            client.showsProgress = false
            let outcome = try await client.call("get_fact", [.symbol("fact"): .text(fact)])
            var nodes: [String: [String]] = [:]
            for result in outcome.results {
                guard let value = result.reply.data[named: "value"], value != .null, value != false else { continue }
                nodes[RubyText.text(of: value), default: []].append(result.sender)
            }
            try world.puts(FactsText(layout: world.layout, isVerbose: world.invocation.isVerbose).text(fact, nodes))
            try world.printStatistics(outcome.statistics)
            return outcome.statistics.exitCode
        }
    }
}
