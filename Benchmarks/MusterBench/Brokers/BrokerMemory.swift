/// What a broker takes, all its processes together, before anybody comes and with idle subscribers.
struct BrokerMemory {
    let connections: Int

    var figures: [Figure] {
        [
            Figure(
                section: .brokerMemory, kind: "broker.idle", title: "Pss, just started", unit: .megabytes, better: .less
            ),
            Figure(
                section: .brokerMemory, kind: "broker.connection",
                title: "for each of \(connections) idle connections with a subscription", unit: .kilobytes,
                better: .less),
        ]
    }

    /// - Parameter broker: fresh.
    func measure(_ broker: Broker, in directory: String) async throws -> [Samples] {
        let processes = try broker.daemon.processes
        let idle = processes.memory.proportional
        let plan = StompPlan(port: broker.port, destination: .topic, lanes: connections, pace: .idle)
        let crowd = try Daemon("the load", Spawn.ownProgram, plan.arguments, log: "\(directory)/idle.log")
        do {
            var lines = LogReader(path: crowd.log)
            try await poll("\(connections) connections are in", within: .seconds(300)) {
                try crowd.check()
                try broker.daemon.check()
                return try lines.next()
            }
            try await processes.waitUntilQuiet(within: .seconds(20))
            let grown = processes.memory.proportional - idle
            await crowd.stop()
            return [Samples(idle.megabytes), Samples(Double(grown) / 1024 / Double(connections))]
        } catch {
            await crowd.stop()
            throw error
        }
    }
}
