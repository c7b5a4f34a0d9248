import Foundation
import MusterCore
import MusterTestSupport

/// `muster simulate` beside a test, and what it tells.
struct SimulatedFleet {
    let process: ChildProcess
    let count: Int

    /// Everything that it has told so far.
    var events: [SimulationEvent] {
        process.output.split(separator: "\n").compactMap { SimulationEvent(line: String($0)) }
    }

    /// How it stands, nil at first.
    var counts: SimulationCounts? { events.last?.counts }

    /// Waits until something has happened so many times.
    func wait(for kind: SimulationEvent.Kind, times: Int = 1, within limit: Duration = .seconds(120)) async throws {
        try await poll("\(count) simulated nodes: \(kind.rawValue), \(times) times", within: limit) {
            guard process.isRunning else { throw SiteError("the simulation ended") }
            return events.count(where: { $0.kind == kind }) >= times
        }
    }
}

extension FaultSite {
    /// Starts a fleet of nodes that come to this site's controller, and waits until all are connected.
    ///
    /// - Parameters:
    ///   - prefix: What their ids begin with: one for each fleet.
    ///   - options: More words for `muster simulate`.
    func startFleet(_ count: Int, prefix: String = "sim", options: [String] = []) async throws -> SimulatedFleet {
        // Who comes back under a known id has to have the key of before.
        let key = folder.appending(path: "\(prefix).pem").path
        let words = [
            "simulate", "\(count)", "--json", "--prefix", prefix, "--controller", "127.0.0.1:\(requestPort)", "--key",
            key,
        ]
        // A file of its own, also for the second fleet of a prefix: what it tells is read from there.
        let process = try start("fleet-\(prefix)-\(startedCount)", Program.musterExecutable(), words + options)
        let fleet = SimulatedFleet(process: process, count: count)
        try await fleet.wait(for: .connected)
        return fleet
    }
}
