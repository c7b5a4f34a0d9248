/// What a controller takes, all its processes together, before nodes come and with them.
struct ControllerMemory {
    let nodes: Int

    static let idleFigures = [
        figure("memory.pss", nodes: 0, "Pss, just started", .megabytes),
        figure("memory.rss", nodes: 0, "RSS, just started", .megabytes),
    ]

    var figures: [Figure] {
        [
            ControllerMemory.figure("memory.pss", nodes: nodes, "Pss, with \(nodes) nodes", .megabytes),
            ControllerMemory.figure("memory.rss", nodes: nodes, "RSS, with \(nodes) nodes", .megabytes),
            Figure(
                section: .cost, kind: "memory.node", nodes: nodes, title: "memory (Pss) for each of \(nodes) nodes",
                unit: .kilobytes, better: .less),
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

    private static func figure(_ kind: String, nodes: Int, _ title: String, _ unit: Figure.Unit) -> Figure {
        Figure(section: .memory, kind: kind, nodes: nodes, title: title, unit: unit, better: .less)
    }
}
