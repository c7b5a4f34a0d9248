import Foundation
import HTTPAPI
import MusterCore
import MusterTestSupport
import Synchronization
import Testing

/// Mixed load for a while, with nodes that come and go: nothing may grow with time, and every job's sums match.
///
/// One minute; as long as `MUSTER_SOAK_MINUTES` says otherwise (`make soak`: 30).
@Suite(.timeLimit(.minutes(60))) struct SoakTests {
    private let minutes = ProcessInfo.processInfo.environment["MUSTER_SOAK_MINUTES"].flatMap(Double.init) ?? 1

    /// What the second half may add: the database's page cache and the allocator still settle.
    private static let toleratedBytes = 16 << 20

    @Test func memoryAndDescriptorsStayAndEveryJobsSumsMatch() async throws {
        try await FaultSite.with { site in
            let process = try await site.startController("gather_timeout: 2s")
            let figures = ProcessFigures(pid: process.pid)
            let before = figures.descriptors
            let steady = try await site.startFleet(200, prefix: "steady", options: ["--failing", "5", "--silent", "2"])
            let end = ContinuousClock.now + .seconds(minutes * 60)
            let samples = MemorySamples()

            try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<3 { group.addTask { try await self.work(site, worker, until: end) } }
                group.addTask { try await self.comeAndGo(site, until: end) }
                group.addTask {
                    while ContinuousClock.now < end {
                        samples.add(try figures.residentBytes)
                        try await Task.sleep(for: .milliseconds(250))
                    }
                    return 0
                }
                var jobs = 0
                for try await done in group { jobs += done }
                print("soak: \(jobs) jobs and fleets; \(samples.summary)")
                #expect(jobs > 0)
            }
            #expect(samples.growthOfSecondHalf < Double(SoakTests.toleratedBytes), "\(samples.summary)")
            #expect(steady.process.isRunning && steady.counts?.connected == 200 && steady.counts?.dropped == 0)
            try await steady.process.stop()
            try await poll("descriptors are back where they were", within: .seconds(30)) {
                figures.descriptors <= before + 8
            }
            #expect(try await site.controller.status().openJobs == 0)
            #expect(process.isRunning)
        }
    }

    /// Runs jobs of all kinds, one after the other.
    private func work(_ site: FaultSite, _ worker: Int, until end: ContinuousClock.Instant) async throws -> Int {
        let functions = ["test.ping", "grains.items", "cmd.run", "test.echo", "no.such"]
        var jobs = 0
        while ContinuousClock.now < end {
            let function = functions[(jobs + worker) % functions.count]
            let batch: BatchSize? = jobs % 4 == 3 ? .percent(25) : nil
            let report = try await site.runToEnd(
                function, on: jobs.isMultiple(of: 3) ? "*" : "steady*", arguments: [.string("text \(worker) \(jobs)")],
                batch: batch)
            #expect(report.counts.values.reduce(0, +) == report.nodes.count, "\(function)")
            #expect(report.nodes.allSatisfy(\.outcome.isFinal) && report.unexpected.isEmpty, "\(function)")
            jobs += 1
        }
        return jobs
    }

    /// Nodes that join, stay for some jobs, and leave without a word.
    private func comeAndGo(_ site: FaultSite, until end: ContinuousClock.Instant) async throws -> Int {
        var fleets = 0
        while ContinuousClock.now < end {
            let fleet = try await site.startFleet(50, prefix: "guest")
            let report = try await site.runToEnd("test.ping", on: "guest*")
            #expect(report.counts == [.ok: 50])
            fleet.process.signal(SIGKILL)
            try await poll("the guests are gone", within: .seconds(10)) { !fleet.process.isRunning }
            fleets += 1
        }
        return fleets
    }
}

/// Memory over time.
private final class MemorySamples: Sendable {
    private let samples = Mutex<[(seconds: Double, bytes: Double)]>([])
    private let start = ContinuousClock.now

    func add(_ bytes: Int) {
        let seconds = Double(start.duration(to: .now).microseconds) / 1e6
        samples.withLock { $0.append((seconds, Double(bytes))) }
    }

    /// What the straight line through the second half of the samples rises by, in bytes.
    var growthOfSecondHalf: Double {
        let half = samples.withLock { $0.suffix($0.count / 2) }
        guard let first = half.first, let last = half.last, half.count > 2 else { return 0 }
        let count = Double(half.count)
        let (x, y) = (half.reduce(0) { $0 + $1.seconds } / count, half.reduce(0) { $0 + $1.bytes } / count)
        let slope =
            half.reduce(0) { $0 + ($1.seconds - x) * ($1.bytes - y) }
            / half.reduce(0) { $0 + ($1.seconds - x) * ($1.seconds - x) }
        return slope * (last.seconds - first.seconds)
    }

    var summary: String {
        let all = samples.withLock { $0 }
        let (first, last) = (all.first?.bytes ?? 0, all.last?.bytes ?? 0)
        func megabytes(_ bytes: Double) -> String { String(format: "%.1f MB", bytes / 1_048_576) }
        return "memory \(megabytes(first)) at first, \(megabytes(last)) at last, "
            + "\(megabytes(growthOfSecondHalf)) more over the second half by the slope"
    }
}
