import MusterCore

/// How many messages a broker carries when there is always another one: each shape of traffic is one of these.
struct BrokerRate {
    var kind: String
    var title: String
    /// For the port of each broker.
    var plan: @Sendable (Int) -> StompPlan

    /// Of 1 KB, in memory.
    static let transient = [
        BrokerRate(kind: "queue.1", title: "queue, 1 to 1") { StompPlan(port: $0, pace: .window(1000)) },
        BrokerRate(kind: "queue.100", title: "100 queues, each 1 to 1") {
            StompPlan(port: $0, lanes: 100, pace: .window(50))
        },
        BrokerRate(kind: "topic.1", title: "topic, 1 to 1") {
            StompPlan(port: $0, destination: .topic, pace: .window(1000))
        },
        BrokerRate(kind: "topic.100", title: "100 topics, each 1 to 1") {
            StompPlan(port: $0, destination: .topic, lanes: 100, pace: .window(50))
        },
    ]

    /// One to many: what is counted is deliveries.
    static let fanOut = BrokerRate(kind: "fan-out", title: "one topic to 1000 subscribers, deliveries") {
        StompPlan(port: $0, destination: .topic, subscribers: 1000, pace: .window(20))
    }

    /// Of 1 KB, each confirmed when it is on disk.
    static let persistent = [
        BrokerRate(kind: "persistent.taken", title: "queue, 1 to 1, confirmed and delivered") {
            StompPlan(port: $0, isPersistent: true, pace: .window(1000))
        },
        BrokerRate(kind: "persistent.100", title: "100 queues, each 1 to 1, confirmed and delivered") {
            StompPlan(port: $0, lanes: 100, isPersistent: true, pace: .window(50))
        },
        BrokerRate(kind: "persistent.kept", title: "queue without a consumer, confirmed") {
            // Last, since all of it stays, which must fit into a broker.
            StompPlan(port: $0, subscribers: 0, isPersistent: true, pace: .window(1000), maxMessages: 50_000)
        },
    ]

    func figures(_ section: Figure.Section) -> [Figure] {
        [
            Figure(section: section, kind: "broker.\(kind)", title: title, unit: .perSecond, better: .more),
            Figure(
                section: section, kind: "broker.\(kind).cpu", title: "… broker's processor time for each",
                unit: .microseconds, better: .less),
        ]
    }

    func measure(_ broker: Broker, seconds: Int, rounds: Int) async throws -> [Samples] {
        var plan = plan(broker.port)
        plan.seconds = seconds
        // Once for what compiles itself while it runs.
        _ = try await broker.load(plan)
        let copies = Double(max(1, plan.subscribers))
        let processes = try broker.daemon.processes
        var costs: [Double] = []
        let rates = try await Round.values(rounds) {
            let before = processes.processorTime
            let outcome = try await broker.load(plan)
            guard outcome.messages > 0 else { throw BenchFailure("no message was done in \(outcome.seconds) s") }
            costs.append((processes.processorTime - before).inMicroseconds / (Double(outcome.total) * copies))
            return outcome.rate * copies
        }
        return [rates, Samples(costs) ?? Samples(0)]
    }
}
