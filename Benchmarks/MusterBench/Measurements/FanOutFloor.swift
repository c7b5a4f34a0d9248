import MusterCore

/// The floor of publishing: one message to all subscribers of a PUB, and many one after the other.
struct FanOutFloor {
    let subscribers: Int

    /// Deliveries of a round of the second kind.
    private static let deliveries = 500_000

    var figures: [Figure] {
        [
            Figure(
                section: .floor, kind: "floor.publish", nodes: subscribers,
                title: "one message to \(subscribers) subscribers, until the last has it", unit: .milliseconds,
                better: .less),
            Figure(
                section: .floor, kind: "floor.fan-out", nodes: subscribers,
                title: "many messages to \(subscribers) subscribers, deliveries", unit: .perSecond, better: .more),
            Figure(
                section: .floor, kind: "floor.fan-out.cpu", nodes: subscribers,
                title: "processor time for each delivery to \(subscribers) subscribers",
                unit: .microseconds, better: .less),
        ]
    }

    func measure(rounds: Int, _ site: Site) async throws -> [Samples] {
        try await FloorProcess.with(site) { server in
            let load = try await LoadPeers.connect(subscribers, .subscriber, to: server.publisherPort)
            do {
                let samples = try await measure(server, load, rounds)
                await load.close()
                return samples
            } catch {
                await load.close()
                throw error
            }
        }
    }

    private func measure(_ server: FloorProcess, _ load: LoadPeers, _ rounds: Int) async throws -> [Samples] {
        try await poll("\(subscribers) peers have subscribed", within: .seconds(60)) {
            try await server.publish(0) == subscribers ? true : nil
        }
        var expected = 0
        /// Publishes, and waits until everybody has everything.
        func publish(_ messages: Int) async throws -> Duration {
            expected += messages * subscribers
            let began = ContinuousClock.now
            try await server.publish(messages)
            try await load.waitForMessages(expected)
            return ContinuousClock.now - began
        }
        _ = try await publish(1)
        let single = try await Round.values(rounds) { try await publish(1).inMilliseconds }
        let messages = max(2, FanOutFloor.deliveries / subscribers)
        let deliveries = Double(messages * subscribers)
        var costs: [Double] = []
        let rates = try await Round.values(rounds) {
            let before = try server.processorTime
            let time = try await publish(messages)
            costs.append((try server.processorTime - before).inMicroseconds / deliveries)
            return deliveries / time.inSeconds
        }
        return [single, rates, Samples(costs) ?? Samples(0)]
    }
}
