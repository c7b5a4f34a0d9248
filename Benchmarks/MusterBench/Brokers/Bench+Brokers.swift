extension Bench {
    /// Each broker by itself, first in memory, then with a disk, fresh both times.
    ///
    /// - Throws: `CancellationError` only.
    func measureBrokers() async throws {
        for kind in BrokerKind.allCases {
            if let absence = kind.absence(site) {
                note("No column for \(kind.column.rawValue): \(absence).")
                continue
            }
            let memory = BrokerMemory(connections: scale.brokerConnections)
            let quick = BrokerRate.transient + [BrokerRate.fanOut]
            let slow = BrokerLatency.all.filter { !$0.isPersistent }
            let inMemory = memory.figures + quick.flatMap { $0.figures(.brokerRates) } + slow.flatMap(\.figures)
            try await stage(kind, .memory, inMemory) { broker, directory in
                try await fill(memory.figures, kind.column) { try await memory.measure(broker, in: directory) }
                try await measure(broker, quick, .brokerRates)
                try await measure(broker, slow)
            }
            let kept = BrokerLatency.all.filter(\.isPersistent)
            let onDisk = BrokerRate.persistent.flatMap { $0.figures(.brokerPersistent) } + kept.flatMap(\.figures)
            try await stage(kind, .disk, onDisk) { broker, _ in
                try await measure(broker, BrokerRate.persistent, .brokerPersistent)
                try await measure(broker, kept)
            }
        }
    }

    private func measure(_ broker: Broker, _ rates: [BrokerRate], _ section: Figure.Section) async throws {
        for rate in rates {
            try await fill(rate.figures(section), broker.kind.column) {
                try await rate.measure(broker, seconds: scale.brokerSeconds, rounds: scale.brokerRounds)
            }
        }
    }

    private func measure(_ broker: Broker, _ latencies: [BrokerLatency]) async throws {
        for latency in latencies {
            try await fill(latency.figures, broker.kind.column) {
                try await latency.measure(broker, seconds: scale.brokerLatencySeconds, rounds: scale.brokerRounds)
            }
        }
    }

    /// Starts a broker for `body`, and ends it; when that fails, `figures` have failed.
    private func stage(
        _ kind: BrokerKind, _ storage: BrokerKind.Storage, _ figures: [Figure],
        _ body: (Broker, String) async throws -> Void
    ) async throws {
        do {
            let directory = try stageDirectory()
            Progress.say("\(kind.column.rawValue) starts, messages \(storage == .disk ? "on disk" : "in memory")")
            let broker = try await kind.start(in: directory, storage, site)
            do {
                try await body(broker, directory)
            } catch {
                await broker.daemon.stop()
                throw error
            }
            await broker.daemon.stop()
        } catch {
            try Task.checkCancellation()
            fail(figures, "\(error)", kind.column)
        }
    }
}
