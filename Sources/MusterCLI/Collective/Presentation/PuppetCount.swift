import MCollectiveProtocol

/// How many Puppet agents are in which state.
///
/// Source: `application/puppet.rb` of the puppet plugin, `count_command`.
struct PuppetCount: Sendable {
    private let passed: Int
    private let failed: Int
    private let data: [RubyHash]

    init(_ outcome: McoClient.Outcome) {
        passed = outcome.statistics.passed
        failed = outcome.statistics.failed
        data = outcome.results.map(\.reply.data)
    }

    func text(_ colors: McoColors) -> String {
        let lines = """
            Total Puppet nodes: \(passed)

                      Nodes currently enabled: \(count("enabled", true))
                     Nodes currently disabled: \(count("enabled", false))

            Nodes currently doing puppet runs: \(count("applying", true))
                      Nodes currently stopped: \(count("applying", false))

                   Nodes with daemons started: \(count("daemon_present", true))
                Nodes without daemons started: \(count("daemon_present", false))
                   Daemons started but idling: \(count("idling", true))


            """
        guard failed > 0 else { return lines }
        return lines
            + colors.text(.red, "Failed to retrieve status of \(failed) \(failed == 1 ? "node" : "nodes")") + "\n"
    }

    private func count(_ output: String, _ value: Bool) -> Int { data.count { $0[named: output] == .bool(value) } }
}
