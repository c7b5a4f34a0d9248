/// Every node asked for a sign of life, from the start of the command line to its exit with every answer stored.
struct Ping {
    let nodes: Int

    var figures: [Figure] {
        [
            Figure(
                section: .ping, kind: "ping", nodes: nodes, title: "\(nodes) nodes", unit: .milliseconds,
                better: .less),
            Figure(
                section: .cost, kind: "ping.cpu", nodes: nodes,
                title: "processor time for each node of a ping of \(nodes)", unit: .microseconds, better: .less),
        ]
    }

    func measure(_ contender: some Contender, rounds: Int) async throws -> [Samples] {
        // Once for what is made at the first job.
        _ = try await contender.ping("*", expecting: nodes)
        let processes = try contender.processes
        let before = processes.processorTime
        let times = try await Round.values(rounds) {
            try await contender.ping("*", expecting: nodes).inMilliseconds
        }
        // Over all rounds together: clock ticks are 10 ms.
        let spent = processes.processorTime - before
        try await contender.confirm(latest: rounds, nodes: nodes)
        return [times, Samples(spent.inMicroseconds / Double(rounds * nodes))]
    }
}
