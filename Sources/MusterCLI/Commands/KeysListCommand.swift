import ArgumentParser
import MusterCore

/// `muster keys list`: every key with its state.
struct KeysListCommand: ContextCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List keys with their state.")

    @Argument(help: "Only these states: accepted, pending, rejected, denied.") var states: [KeyState] = []
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let keys = try await controller.connect(context).keys()
            .filter { entry in states.isEmpty || entry.state.map(states.contains) == true }
            .sorted { $0.node < $1.node }
        if output.json {
            for entry in keys { try context.console.print(JSON.text(encoded(entry), layout: .spaced)) }
            return .success
        }
        var table = Table(header: ["NODE", "STATE", "FINGERPRINT"])
        table.rows = keys.map { [$0.node.text, $0.state?.rawValue ?? "", $0.fingerprint] }
        try table.print(to: context.console)
        if keys.isEmpty { context.console.note("no keys") }
        return .success
    }
}
