import Foundation
import Glibc
import MusterCore
import MusterTestSupport

/// `muster simulate` at the controller of a site, told by its lines of JSON.
struct SimulatedFleet: Sendable {
    let process: ChildProcess

    /// The lines so far; output that is no JSON says what went wrong, and is in the tail.
    private var lines: [Value] {
        process.output.split(separator: "\n").compactMap { try? JSON.value(String($0)) }
    }

    /// Waits until the nodes have come so far.
    func heard(_ event: String) async throws {
        try await poll("the simulated nodes are \(event)", within: .seconds(120)) {
            guard process.isRunning else { throw SiteError("the simulation ended:\n\(process.tail)") }
            return lines.contains { $0["event"]?.string == event }
        }
    }

    /// Ends it as Ctrl-C does, and gives its last line.
    func end() async throws -> Value {
        process.signal(SIGINT)
        try await poll("the simulation ends", within: .seconds(20)) { !process.isRunning }
        guard process.exitStatus == 0, let last = lines.last else {
            throw SiteError("the simulation did not end well:\n\(process.tail)")
        }
        return last
    }
}

extension SaltSite {
    /// Starts simulated nodes whose keys the site's controller has accepted.
    func startSimulation(_ count: Int, _ options: String...) throws -> SimulatedFleet {
        let words = [
            "simulate", "\(count)", "--controller", master, "--accept-into", file("master/pki").path, "--json",
        ]
        return SimulatedFleet(process: try start("simulate", Program.musterExecutable(), words + options))
    }
}
