import ArgumentParser
import MusterCore

/// `muster doctor`: what a configuration means, key by key.
struct DoctorCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Explain a configuration: each key as understood, ignored, unknown or wrong.",
        discussion: """
            A file that ends in .cfg is MCollective's server.cfg or client.cfg, with the plugin.d beside it. The exit status \
            is 78 when something is wrong, 0 otherwise.
            """)

    @OptionGroup var configuration: RoleConfigurationOptions
    @OptionGroup var output: JSONOption

    func run(in context: CommandContext) async throws -> ExitStatus {
        let findings = try await context.roles.diagnose(configuration.role)
        for finding in findings where output.json {
            try context.console.print(JSON.text(encoded(finding), layout: .spaced))
        }
        if !output.json {
            var table = Table(header: ["KEY", "VERDICT", "EXPLANATION"])
            for (index, finding) in findings.enumerated() {
                if index > 0, findings[index - 1].file != finding.file || index == findings.count {
                    try flush(&table, context)
                }
                if index == 0 || findings[index - 1].file != finding.file {
                    try context.console.print("\(finding.file):")
                }
                table.rows.append([finding.key, finding.verdict.rawValue, finding.explanation])
            }
            try flush(&table, context)
            let counts = ConfigurationFinding.Verdict.allCases.compactMap { verdict in
                let count = findings.count { $0.verdict == verdict }
                return count > 0 ? "\(count) \(verdict.rawValue)" : nil
            }
            context.console.note(
                counts.isEmpty ? "nothing is configured: defaults apply" : counts.joined(separator: ", "))
        }
        return findings.contains { $0.verdict == .wrong } ? .configuration : .success
    }

    private func flush(_ table: inout Table, _ context: CommandContext) throws {
        try table.print(to: context.console)
        table.rows = []
    }
}
