/// What a controller takes, all its processes together, before nodes come and with them.
struct ControllerMemory {
    let nodes: Int

    static let idleFigures = [
        figure("memory.idle.pss", "just started, Pss", .megabytes),
        figure("memory.idle.rss", "just started, RSS", .megabytes),
    ]

    var figures: [Figure] {
        [
            ControllerMemory.figure("memory.\(nodes).pss", "with \(nodes) nodes, Pss", .megabytes),
            ControllerMemory.figure("memory.\(nodes).rss", "with \(nodes) nodes, RSS", .megabytes),
            ControllerMemory.figure("memory.\(nodes).node", "… more than idle for each node, Pss", .kilobytes),
        ]
    }

    static func idle(_ uses: [MemoryUse]) -> [Samples] {
        [uses.map(\.proportional.megabytes), uses.map(\.resident.megabytes)].compactMap(Samples.init)
    }

    func values(_ use: MemoryUse, idle: MemoryUse) -> [Samples] {
        [
            Samples(use.proportional.megabytes), Samples(use.resident.megabytes),
            Samples(Double(use.proportional - idle.proportional) / 1024 / Double(nodes)),
        ]
    }

    /// Read when there is nothing left to do.
    static func read(_ contender: some Contender) async throws -> MemoryUse {
        let processes = try contender.processes
        try await processes.waitUntilQuiet(within: .seconds(60))
        return processes.memory
    }

    private static func figure(_ id: String, _ title: String, _ unit: Figure.Unit) -> Figure {
        Figure(section: .memory, id: id, title: title, unit: unit, better: .less)
    }
}
