import ArgumentParser
import MusterCore

/// `muster version`.
struct VersionCommand: ContextCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run(in context: CommandContext) async throws -> ExitStatus {
        try context.console.print("muster \(Muster.version)")
        return .success
    }
}
