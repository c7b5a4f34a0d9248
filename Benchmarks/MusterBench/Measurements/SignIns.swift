/// How fast nodes with known keys are signed in.
struct SignIns {
    let nodes: Int

    var figures: [Figure] {
        [
            Figure(
                section: .signIns, kind: "sign-ins", title: "\(nodes) nodes with known keys", unit: .perSecond,
                better: .more),
            Figure(
                section: .signIns, kind: "sign-ins.cpu", title: "… controller's processor time for each",
                unit: .microseconds, better: .less),
        ]
    }

    func measure(_ contender: some Contender, rounds: Int, _ site: Site) async throws -> [Samples] {
        // Once for the keys: afterwards they are known.
        _ = try await Fleet.signInRate(nodes, contender, site, acceptsKeys: true)
        let processes = try contender.processes
        var costs: [Double] = []
        let rates = try await Round.values(rounds) {
            let before = processes.processorTime
            let rate = try await Fleet.signInRate(nodes, contender, site)
            costs.append((processes.processorTime - before).inMicroseconds / Double(nodes))
            return rate
        }
        return [rates, Samples(costs) ?? Samples(0)]
    }
}
