import MCollectiveProtocol

/// `mco nettest ACTION HOST [PORT]`: what nodes reach.
///
/// Source: `application/nettest.rb` of the nettest plugin.
struct NettestApplication: McoApplication {
    static let name = "nettest"
    static let summary = "Network tests from a mcollective host"
    static let usage = [
        """
        mco nettest [OPTIONS] [FILTERS] <ACTION> <HOST NAME> [PORT]

        The ACTION can be one of the following:

            ping    - return round-trip time between this and remote host
            connect - check connectivity of remote host on specific port
        """
    ]

    private let action: String
    private let arguments: [(name: String, text: String)]
    private let isConfirmed: Bool

    init(_ invocation: McoInvocation) throws {
        let words = invocation.words
        guard words.count >= 2 else { throw McoFailure("Please specify an action and optional arguments") }
        action = words[0]
        switch action {
        case "ping": arguments = [("fqdn", words[1])]
        case "connect": arguments = [("fqdn", words[1])] + words.dropFirst(2).prefix(1).map { ("port", $0) }
        default: throw McoFailure("Action can only to be ping or connect")
        }
        isConfirmed = !invocation.filter.isEmpty
    }

    func run(in world: McoWorld) async throws -> Int32 {
        guard isConfirmed || world.confirms("Do you really want to perform network tests unfiltered? (y/n): ") else {
            return 1
        }
        let declared = try world.action(action, of: "nettest")
        let inputs = try declared.inputs(from: arguments)
        return try await McoClient.with(world, agent: "nettest") { client in
            let outcome = try await client.call(action, inputs)
            try world.puts(outcome.results.map { line($0, world) }.joined() + "\n")
            try world.printStatistics(outcome.statistics, caption: "\(action) Nettest results", summarizes: true)
            return outcome.statistics.exitCode
        }
    }

    private func line(_ result: McoResult, _ world: McoWorld) -> String {
        let data = result.reply.data
        let output = action == "ping" ? data[named: "rtt"] : data[named: "connect"]
        let text = world.layout.shown(RubyText.text(of: output ?? .null))
        let name = RubyText.padded(world.layout.name(result.sender), 40)
        let message = world.layout.shown(result.reply.message)
        guard result.reply.status == .ok else { return "\(name) \(text) \t\t\(message)\n" }
        let label = action == "ping" ? "time" : "status"
        return "\(name) \(label) = \(text)\(world.invocation.isVerbose ? "\t\t\(message)" : "")\n"
    }
}
