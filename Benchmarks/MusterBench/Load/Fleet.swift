import MusterCore

/// `muster simulate`: the nodes that both controllers are measured with.
struct Fleet: Sendable {
    let plan: FleetPlan
    private let daemon: Daemon

    /// Starts nodes whose keys the controller knows, and returns when the last has signed in and subscribed.
    ///
    /// - Parameter holding: how many answers they keep before they let them go together; 0: they answer at once.
    static func join(
        _ plan: FleetPlan, _ contender: some Contender, holding: Int = 0, in directory: String, _ site: Site
    ) async throws -> Fleet {
        let words = arguments(plan.nodes, contender, site) + accepting(contender) + ["--hold", "\(holding)"]
        let daemon = try Daemon("muster simulate", site.nodes, words, log: "\(directory)/fleet.log")
        let fleet = Fleet(plan: plan, daemon: daemon)
        do {
            var lines = fleet.lines
            _ = try await fleet.wait(for: "connected", in: &lines, within: .seconds(600))
        } catch {
            await fleet.leave()
            throw error
        }
        return fleet
    }

    /// Signs nodes in once, all as fast as the controller lets them.
    ///
    /// - Parameter acceptsKeys: whether the controller may not know the keys yet.
    /// - Returns: sign-ins a second.
    static func signInRate(
        _ nodes: Int, _ contender: some Contender, _ site: Site, acceptsKeys: Bool = false
    ) async throws -> Double {
        var words = arguments(nodes, contender, site) + ["--sign-in-only", "--blind"]
        if acceptsKeys { words += accepting(contender) }
        let run = try await Program(site.nodes, words).succeed(within: .seconds(180))
        let lines = run.output.split(separator: "\n").compactMap { SimulatorLine(String($0)) }
        guard let line = lines.first(where: { $0.event == "signed-in" }), line.nodes == nodes,
            let seconds = line.seconds, seconds > 0
        else {
            throw BenchFailure("the simulator did not say how long \(nodes) sign-ins took: \(run.output.suffix(300))")
        }
        return Double(nodes) / seconds
    }

    func leave() async { await daemon.stop() }

    private static func arguments(_ nodes: Int, _ contender: some Contender, _ site: Site) -> [String] {
        [
            "simulate", "\(nodes)", "--controller", "127.0.0.1:\(contender.requestPort)", "--key", site.nodeKey,
            "--json",
        ]
    }

    private static func accepting(_ contender: some Contender) -> [String] {
        ["--accept-into", contender.keyDirectory]
    }

    /// What the simulator says, from its start.
    var lines: LogReader { LogReader(path: daemon.log) }

    /// Reads on until a milestone.
    func wait(for event: String, in lines: inout LogReader, within limit: Duration) async throws -> SimulatorLine {
        var last = "nothing"
        do {
            return try await poll(
                "\(plan.nodes) simulated nodes are \(event)", within: limit, every: .milliseconds(10)
            ) {
                try daemon.check()
                while let line = try lines.next() {
                    last = line
                    if let line = SimulatorLine(line), line.event == event { return line }
                }
                return nil
            }
        } catch let failure as BenchFailure {
            throw BenchFailure("\(failure); the simulator's last line: \(last)")
        }
    }
}
