/// A real node of the contender's own kind (`muster serve node`, `salt-minion`): its memory when it idles, and how long it
/// takes to ask it.
struct OneNode {
    static let id = "bench-node"

    static let figures = [
        Figure(section: .node, kind: "node.pss", title: "memory, Pss", unit: .megabytes, better: .less),
        Figure(section: .node, kind: "node.rss", title: "memory, RSS", unit: .megabytes, better: .less),
        Figure(
            section: .commandLine, kind: "node.ping", title: "ping of one real node", unit: .milliseconds, better: .less
        ),
    ]

    static func measure(
        _ contender: some Contender, in directory: String, idle: Duration, rounds: Int
    ) async throws -> [Samples] {
        let node = try await contender.startNode(id, in: directory)
        do {
            try await Task.sleep(for: idle)
            let memory = try node.processes.memory
            let times = try await Round.values(rounds) {
                try await contender.ping(id, expecting: 1).inMilliseconds
            }
            await node.stop()
            return [Samples(memory.proportional.megabytes), Samples(memory.resident.megabytes), times]
        } catch {
            await node.stop()
            throw error
        }
    }
}
