import ArgumentParser
import MusterCore

/// `muster nodes list`: every known node, one line each.
struct NodesListCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List nodes: connected or not, last seen, what they run.")

    @Argument(help: "Which nodes; all of them by default.") var target: String?
    @OptionGroup(title: "Target") var targeting: TargetOptions
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let nodes = try await controller.connect(context).nodes(try target.map(targeting.target))
            .sorted { $0.node < $1.node }
        if output.json {
            for node in nodes { try context.console.print(JSON.text(encoded(node), layout: .spaced)) }
            return nodes.isEmpty && target != nil ? .nothingMatched : .success
        }
        var table = Table(header: ["NODE", "CONNECTED", "LAST SEEN", "ADDRESS", "KEY", "SYSTEM", "VERSION"])
        table.rows = nodes.map { node in
            [
                node.node.text, node.contact?.isConnected == true ? "yes" : "no", node.contact?.time.short ?? "never",
                node.contact?.address ?? "-", node.keyState?.rawValue ?? "none", node.system ?? "-",
                node.version ?? "-",
            ]
        }
        try table.print(to: context.console)
        let connected = nodes.count { $0.contact?.isConnected == true }
        context.console.note("\(NodeSet.count(nodes.count)), \(connected) connected")
        return nodes.isEmpty && target != nil ? .nothingMatched : .success
    }
}
