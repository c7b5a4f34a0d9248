import ArgumentParser
import MusterCore

/// `muster status`: how the controller is.
struct StatusCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how the controller is: listeners, nodes, jobs, store, counters.")

    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let status = try await controller.connect(context).status()
        if output.json {
            try context.console.print(JSON.text(encoded(status), layout: .spaced))
        } else {
            let store: ValueMap = [
                "writes": .string(status.store.failure.map { "fail: \($0)" } ?? "work"),
                "pending writes": .int(Int64(status.store.pendingWrites)),
                "bytes": .int(Int64(status.store.sizeBytes)),
            ]
            let connections = status.connections.map { use in
                (
                    key: Value.string(use.port),
                    value: Value.string(
                        "\(use.used) of \(use.limit)"
                            + (use.isLimitedByDescriptors ? ", limited by open files: raise LimitNOFILE" : ""))
                )
            }
            let shown: Value = .map([
                "version": .string(status.version), "up": .string((context.now() - status.started).short),
                "listeners": .array(status.listeners.map(Value.string)),
                "connected nodes": .int(Int64(status.connectedNodes)), "open jobs": .int(Int64(status.openJobs)),
                "connections": .map(ValueMap(connections)),
                "store": .map(store), "counters": .map(status.counters),
            ])
            try context.console.print(
                Outputter.nested.text(shown, options: .init(palette: context.console.palette(for: .output))))
        }
        return status.store.failure == nil ? .success : .unavailable
    }
}
