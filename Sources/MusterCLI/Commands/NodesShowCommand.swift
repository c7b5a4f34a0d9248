import ArgumentParser
import MusterCore

/// `muster nodes show`: all about a node, its facts included.
struct NodesShowCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a node: its key, its last contact and its facts.")

    @Argument(help: "Node id.") var node: NodeID
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let detail = try await controller.connect(context).node(node)
        if output.json {
            try context.console.print(JSON.text(encoded(detail), layout: .spaced))
            return .success
        }
        let summary = detail.summary
        var about: ValueMap = [
            "key": .string(summary.keyState?.rawValue ?? "none"),
            "fingerprint": .string(detail.fingerprint ?? "none"),
            "connected": .bool(summary.contact?.isConnected == true),
            "last seen": .string(summary.contact?.time.short ?? "never"),
        ]
        about["address"] = summary.contact?.address.map(Value.string)
        about["system"] = summary.system.map(Value.string)
        about["version"] = summary.version.map(Value.string)
        about["facts of"] = (detail.factsTime?.short).map(Value.string)
        if !detail.facts.isEmpty { about["facts"] = .map(detail.facts) }
        let text = Outputter.nested.text(
            .map(ValueMap([(key: .string(summary.node.text), value: .map(about))])),
            options: .init(palette: context.console.palette(for: .output)))
        try context.console.print(text)
        return .success
    }
}
