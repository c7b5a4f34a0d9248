/// How long a message takes at 1000 a second, from the publisher's write to the subscriber's read.
struct BrokerLatency {
    var destination: StompPlan.Destination
    var isPersistent = false

    static let all = [
        BrokerLatency(destination: .queue), BrokerLatency(destination: .topic),
        BrokerLatency(destination: .queue, isPersistent: true),
    ]

    private static let rate = 1000

    var figures: [Figure] {
        let name = isPersistent ? "persistent \(destination)" : "\(destination)"
        let kind = isPersistent ? "broker.latency.persistent" : "broker.latency.\(destination)"
        return [
            Figure(
                section: .brokerLatency, kind: kind, title: "\(name): median", unit: .milliseconds, better: .less),
            Figure(
                section: .brokerLatency, kind: "\(kind).p99", title: "\(name): 99 of 100 within",
                unit: .milliseconds, better: .less),
        ]
    }

    func measure(_ broker: Broker, seconds: Int, rounds: Int) async throws -> [Samples] {
        var plan = StompPlan(port: broker.port, destination: destination, pace: .perSecond(BrokerLatency.rate))
        plan.isPersistent = isPersistent
        plan.seconds = seconds
        var medians: [Double] = []
        let slowest = try await Round.values(rounds) {
            let outcome = try await broker.load(plan)
            guard let median = outcome.median, let p99 = outcome.p99,
                outcome.messages > seconds * BrokerLatency.rate / 2
            else { throw BenchFailure("only \(outcome.messages) messages came in \(outcome.seconds) s") }
            medians.append(median)
            return p99
        }
        return [Samples(medians) ?? Samples(0), slowest]
    }
}
