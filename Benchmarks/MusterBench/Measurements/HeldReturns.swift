import MusterCore

/// How fast answers are taken when nothing else is done meanwhile: the nodes keep theirs until all jobs are published,
/// and let them go at once.
struct HeldReturns {
    let nodes: Int

    var figures: [Figure] {
        [
            Figure(
                section: .heldReturns, kind: "returns.held", nodes: nodes, title: "stored returns of \(nodes) nodes",
                unit: .perSecond, better: .more),
            Figure(
                section: .cost, kind: "returns.held.cpu", nodes: nodes,
                title: "processor time for each return of \(nodes) nodes, without publishing", unit: .microseconds,
                better: .less),
        ]
    }

    /// - Parameter fleet: holds as many answers as the jobs bring.
    func measure(_ contender: some Contender, _ fleet: Fleet, jobs: Int, rounds: Int) async throws -> [Samples] {
        let processes = try contender.processes
        let returns = Double(jobs * nodes)
        var lines = fleet.lines
        var costs: [Double] = []
        let rates = try await Round.values(rounds) {
            try await contender.publish(jobs: jobs)
            _ = try await fleet.wait(for: "held", in: &lines, within: .seconds(300))
            let before = processes.processorTime
            let released = try await fleet.wait(for: "released", in: &lines, within: .seconds(10))
            let ended = try await fleet.wait(for: "acknowledged", in: &lines, within: .seconds(600))
            costs.append((processes.processorTime - before).inMicroseconds / returns)
            guard let start = released.seconds, let end = ended.seconds, end > start else {
                throw BenchFailure("the simulator did not say how long the returns took")
            }
            return returns / (end - start)
        }
        try await contender.confirm(latest: jobs, nodes: nodes)
        return [rates, Samples(costs) ?? Samples(0)]
    }
}
