import ArgumentParser

/// `muster completion`: a script for a shell.
struct CompletionCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a completion script for a shell.",
        discussion: "source <(muster completion bash)")

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.") var shell: Shell

    func run(in context: CommandContext) async throws -> ExitStatus {
        let script =
            switch shell {
            case .bash: MusterCommand.completionScript(for: .bash)
            case .zsh: MusterCommand.completionScript(for: .zsh)
            case .fish: MusterCommand.completionScript(for: .fish)
            }
        try context.console.print(script)
        return .success
    }
}
