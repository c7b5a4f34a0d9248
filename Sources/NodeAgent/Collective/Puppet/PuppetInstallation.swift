import MusterCore

/// The Puppet agent of this machine: its command, and the files in which it keeps its state.
///
/// Where the files are is asked of Puppet itself, once: it takes a second.
package actor PuppetInstallation {
    /// The files of the agent.
    package struct Paths: Sendable, Hashable {
        package var disabledLock = ""
        package var runLock = ""
        package var processID = ""
        package var lastRun = ""
        package var lastReport = ""
        package var resources = ""

        package init() {}

        /// Reads what `puppet config print` wrote: `name = value` lines.
        package init(_ output: String) {
            var values: [String: String] = [:]
            for line in output.split(separator: "\n") {
                guard let sign = line.firstRange(of: " = ") else { continue }
                values[String(line[..<sign.lowerBound]).trimmed] = String(line[sign.upperBound...]).trimmed
            }
            disabledLock = values["agent_disabled_lockfile"] ?? ""
            runLock = values["agent_catalog_run_lockfile"] ?? ""
            processID = values["pidfile"] ?? ""
            lastRun = values["lastrunfile"] ?? ""
            lastReport = values["lastrunreport"] ?? ""
            resources = values["resourcefile"] ?? ""
        }

        package var isComplete: Bool {
            ![disabledLock, runLock, processID, lastRun, lastReport, resources].contains("")
        }
    }

    /// Of this process. The command may differ by configuration, so paths are kept by it.
    package static let shared = PuppetInstallation()

    private var known: [[String]: Paths] = [:]

    /// A command with the program of Puppet's own packages where that is not in the path of daemons.
    package static func located(_ command: [String]) -> [String] {
        let packaged = "/opt/puppetlabs/bin/puppet"
        guard command.first == "puppet", Files.status(packaged) != nil else { return command }
        return [packaged] + command.dropFirst()
    }

    /// The files of the agent that a command runs.
    ///
    /// - Parameters:
    ///   - command: `plugin.puppet.command`, usually `puppet agent`.
    ///   - configuration: `plugin.puppet.config`, nil for Puppet's own.
    /// - Throws: `FunctionError.failed` when Puppet is not there or does not say.
    package func paths(
        command: [String], configuration: String?, _ processes: any ProcessRunning
    ) async throws -> Paths {
        let options = configuration.map { ["--config", $0] } ?? []
        // A command of the operator's own may run Puppet without being it.
        let program = command.first.flatMap { FileAccess.name(of: $0) == "puppet" ? $0 : nil } ?? "puppet"
        let words = [program, "config", "print", "--section", "agent"] + options
        if let paths = known[words] { return paths }
        let settings = [
            "agent_disabled_lockfile", "agent_catalog_run_lockfile", "pidfile", "lastrunfile", "lastrunreport",
            "resourcefile",
        ]
        var question = ProcessCommand(words + settings)
        question.environment = ["LC_ALL": "C.UTF-8"]
        let result = try await processes.run(question)
        let paths = Paths(String(decoding: result.output, as: UTF8.self))
        guard paths.isComplete else {
            throw FunctionError.failed(reason: "puppet does not say where its files are: is it installed?")
        }
        known[words] = paths
        return paths
    }
}
