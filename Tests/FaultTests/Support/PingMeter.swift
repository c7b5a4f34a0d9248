import MusterCore
import Synchronization

/// Pings the controller as a working node does, one request after the other, and notes how long each answer took.
final class PingMeter: Sendable {
    private let times = Mutex<[Duration]>([])
    private let isStopped = Atomic(false)

    /// Pings while `body` runs; what was not answered is an error.
    static func during(_ node: LightNode, _ body: @Sendable () async throws -> Void) async throws -> PingMeter {
        let meter = PingMeter()
        async let pings: Void = meter.run(node)
        do {
            try await body()
        } catch {
            meter.isStopped.store(true, ordering: .relaxed)
            throw error
        }
        meter.isStopped.store(true, ordering: .relaxed)
        try await pings
        return meter
    }

    private func run(_ node: LightNode) async throws {
        let clock = ContinuousClock()
        while !isStopped.load(ordering: .relaxed) {
            let time = try await clock.measure { try await node.ping() }
            times.withLock { $0.append(time) }
        }
    }

    var count: Int { times.withLock { $0.count } }

    /// For the record: nothing is asserted about times.
    var summary: String {
        let sorted = times.withLock { $0 }.sorted()
        guard let last = sorted.last else { return "no pings" }
        let (median, late) = (sorted[sorted.count / 2], sorted[sorted.count * 99 / 100])
        return "\(sorted.count) pings: median \(median), p99 \(late), longest \(last)"
    }
}
