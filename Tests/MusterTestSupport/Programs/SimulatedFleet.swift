import Glibc
package import MusterCore

/// `muster simulate` beside a test, and what it tells.
package struct SimulatedFleet: Sendable {
    package let process: ChildProcess
    package let count: Int

    /// Everything that it has told so far.
    package var events: [SimulationEvent] {
        process.output.split(separator: "\n").compactMap { SimulationEvent(line: String($0)) }
    }

    /// How it stands, nil at first.
    package var counts: SimulationCounts? { events.last?.counts }

    /// Waits until something has happened so many times.
    package func wait(
        for kind: SimulationEvent.Kind, times: Int = 1, within limit: Duration = .seconds(120)
    ) async throws {
        try await poll("\(count) simulated nodes: \(kind.rawValue), \(times) times", within: limit) {
            guard process.isRunning else { throw SiteError("the simulation ended:\n\(process.tail)") }
            return events.count(where: { $0.kind == kind }) >= times
        }
    }

    /// Ends it as Ctrl-C does, and gives the last that it tells.
    package func end() async throws -> SimulationEvent {
        process.signal(SIGINT)
        try await poll("the simulation ends", within: .seconds(20)) { !process.isRunning }
        guard process.exitStatus == 0, let last = events.last else {
            throw SiteError("the simulation did not end well:\n\(process.tail)")
        }
        return last
    }
}

extension TestSite {
    /// Starts a fleet of nodes that come to the controller of this site.
    ///
    /// - Parameters:
    ///   - name: Of the program, and of the file of its output: one for each fleet.
    ///   - options: More words for `muster simulate`.
    package func simulate(_ count: Int, as name: String = "simulate", _ options: [String]) throws -> SimulatedFleet {
        let words = ["simulate", "\(count)", "--json", "--controller", "127.0.0.1:\(requestPort)"] + options
        return SimulatedFleet(process: try start(name, Program.musterExecutable(), words), count: count)
    }
}
