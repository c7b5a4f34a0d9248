import ArgumentParser

/// `muster version`.
struct VersionCommand: ContextCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run(in context: CommandContext) async throws -> ExitStatus {
        try context.console.print("muster \(Self.version)")
        return .success
    }

    /// The version of this build.
    static let version = "0.1.0"
}
