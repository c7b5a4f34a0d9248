import ArgumentParser
import MusterCore

/// `muster keys delete`: forgets keys.
struct KeysDeleteCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete keys in any state: their nodes have to ask again.")

    @OptionGroup var options: KeyChangeOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await options.change(.delete, states: KeyState.allCases, in: context)
    }
}
