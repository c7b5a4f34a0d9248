import ArgumentParser
import MusterCore

/// `muster keys finger`: fingerprints to compare.
struct KeysFingerCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "finger", abstract: "Print fingerprints of keys; without arguments the controller's own.")

    @Argument(help: "Node ids or globs.") var nodes: [String] = []
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let service = try await controller.connect(context)
        if nodes.isEmpty {
            let fingerprint = try await service.ownFingerprint()
            try context.console.print(
                output.json
                    ? JSON.text(["controller": .string(fingerprint)] as Value, layout: .spaced) : fingerprint)
            return .success
        }
        let globs = nodes.map(Glob.init)
        let keys = try await service.keys().filter { entry in globs.contains { $0.matches(entry.node.text) } }
            .sorted { $0.node < $1.node }
        guard !keys.isEmpty else { throw ControllerError.noKeyMatched(nodes) }
        for entry in keys {
            try context.console.print(
                output.json ? JSON.text(encoded(entry), layout: .spaced) : "\(entry.node)  \(entry.fingerprint)")
        }
        return .success
    }
}
