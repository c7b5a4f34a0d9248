import ArgumentParser
import MusterCore

/// `muster keys reject`: keeps nodes out.
struct KeysRejectCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Reject pending keys: their nodes are turned away.")

    @OptionGroup var options: KeyChangeOptions
    @Flag(help: "Also keys that are accepted.") var includeAccepted = false
    @Flag(help: "Also keys that were denied because another one is known for the node.") var includeDenied = false

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await options.change(
            .reject,
            states: [.pending] + (includeAccepted ? [.accepted] : []) + (includeDenied ? [.denied] : []), in: context)
    }
}
