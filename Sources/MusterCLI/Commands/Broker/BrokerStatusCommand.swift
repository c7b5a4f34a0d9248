import ArgumentParser
import MusterCore

/// `muster broker status`: how the broker is.
struct BrokerStatusCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how the broker is: listeners, memory, connections, messages, rates.")

    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Broker") var broker: BrokerLocationOptions

    func run(in context: CommandContext) async throws -> ExitStatus {
        let status = try await broker.connect(context).status()
        guard !output.json else {
            try context.console.print(JSON.text(encoded(status), layout: .spaced))
            return .success
        }
        let use = status.connections
        let limited = use.isLimitedByDescriptors ? ", limited by open files: raise LimitNOFILE" : ""
        let shown: Value = [
            "version": .string(status.version), "up": .string((context.now() - status.started).short),
            "listeners": .array(status.listeners.map(Value.string)),
            "data": .string(status.dataDirectory ?? "in memory"),
            "memory": .string(ByteCount.text(status.memoryBytes)),
            "connections": .string("\(use.used) of \(use.limit)\(limited)"),
            "refused clients": .int(Int64(status.refusedClients)),
            "refused frames": .int(Int64(status.refusedFrames)),
        ]
        try context.console.print(
            Outputter.nested.text(shown, options: .init(palette: context.console.palette(for: .output))))
        try BrokerVirtualHostsCommand.table(status.virtualHosts).print(to: context.console)
        return .success
    }
}

/// Sizes for people.
enum ByteCount {
    static func text(_ bytes: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (number, unit) = (Double(bytes), 0)
        while number >= 1024, unit < units.count - 1 { (number, unit) = (number / 1024, unit + 1) }
        guard unit > 0 else { return "\(bytes) B" }
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}

/// Rates for people.
enum Rate {
    static func text(_ perSecond: Double) -> String {
        let tenths = Int((perSecond * 10).rounded())
        return tenths % 10 == 0 || tenths >= 1000 ? "\((tenths + 5) / 10)/s" : "\(tenths / 10).\(tenths % 10)/s"
    }
}
