import ArgumentParser
import MusterCore

/// `muster keys accept`: lets nodes in.
struct KeysAcceptCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Accept pending keys: their nodes may join.",
        discussion: "Compare the fingerprint with what 'muster call key.finger' or salt-call says on the node.")

    @OptionGroup var options: KeyChangeOptions
    @Flag(help: "Also keys that were rejected.") var includeRejected = false
    @Flag(help: "Also keys that were denied because another one is known for the node.") var includeDenied = false

    func run(in context: CommandContext) async throws -> ExitStatus {
        try await options.change(
            .accept,
            states: [.pending] + (includeRejected ? [.rejected] : []) + (includeDenied ? [.denied] : []), in: context)
    }
}
