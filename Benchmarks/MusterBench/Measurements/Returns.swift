import MusterCore

/// How fast answers are collected: jobs published together, until the last return is stored.
struct Returns {
    let nodes: Int

    var figures: [Figure] {
        [
            Figure(
                section: .returns, kind: "returns", nodes: nodes, title: "stored returns of \(nodes) nodes",
                unit: .perSecond, better: .more),
            Figure(
                section: .cost, kind: "returns.cpu", nodes: nodes,
                title: "processor time for each return of \(nodes) nodes", unit: .microseconds, better: .less),
        ]
    }

    func measure(_ contender: some Contender, jobs: Int, rounds: Int) async throws -> [Samples] {
        let processes = try contender.processes
        let returns = Double(jobs * nodes)
        var costs: [Double] = []
        let rates = try await Round.values(rounds) {
            let before = processes.processorTime
            let time = try await contender.runTogether(jobs: jobs, nodes: nodes)
            costs.append((processes.processorTime - before).inMicroseconds / returns)
            return returns / time.inSeconds
        }
        try await contender.confirm(latest: jobs, nodes: nodes)
        return [rates, Samples(costs) ?? Samples(0)]
    }
}
