import MusterCore

/// How fast answers are collected: jobs published together, until the last return is stored.
struct Returns {
    let nodes: Int

    var figures: [Figure] {
        [
            Figure(
                section: .returns, id: "returns.\(nodes)", title: "\(nodes) nodes, stored returns", unit: .perSecond,
                better: .more),
            Figure(
                section: .returns, id: "returns.\(nodes).cpu", title: "… controller's processor time for each",
                unit: .microseconds, better: .less),
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
        return [rates, Samples(costs) ?? Samples(0)]
    }
}
