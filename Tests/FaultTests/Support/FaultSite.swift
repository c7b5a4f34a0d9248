import BusTransport
import Foundation
import HTTPAPI
import MusterCore
import MusterTestSupport

/// A controller of ours in a process of its own, on loopback, to be hurt: killed, starved, flooded.
///
/// It accepts every key.
struct FaultSite: Sendable {
    private let site: TestSite

    /// Runs a test with a site of its own.
    static func with<Result>(_ body: (FaultSite) async throws -> Result) async throws -> Result {
        try await TestSite.with { try await body(FaultSite(site: $0)) }
    }

    var publishPort: Int { site.publishPort }
    var requestPort: Int { site.requestPort }

    /// Where nodes sign in and answer, and where they subscribe.
    var requests: Endpoint { Endpoint(host: "127.0.0.1", port: requestPort) }
    var publishes: Endpoint { Endpoint(host: "127.0.0.1", port: publishPort) }

    /// The controller as the command line sees it.
    var controller: ControllerClient { ControllerClient(socketPath: socket) }
    private var socket: String { site.file("control").path }

    /// Everything that the controller keeps.
    var state: URL { site.file("state") }

    /// Starts the controller and waits until it answers.
    ///
    /// - Parameters:
    ///   - settings: More lines for `controller.yaml`.
    ///   - shell: What a shell does before it becomes the controller, as `ulimit -n 300`.
    ///   - wrapper: A program that becomes the shell, with its arguments, as `unshare -m`.
    @discardableResult
    func startController(
        _ settings: String = "", shell: String = "true", wrapper: [String] = []
    ) async throws -> ChildProcess {
        let file = site.file("controller.yaml")
        let text = """
            listen: [127.0.0.1]
            publish_port: \(publishPort)
            request_port: \(requestPort)
            control_socket: \(socket)
            state_dir: \(state.path)
            auto_accept: true
            \(settings)

            """
        try text.write(to: file, atomically: true, encoding: .utf8)
        let muster = try Program.musterExecutable().path
        let words =
            wrapper + [
                "/bin/sh", "-c", "\(shell) && exec \"$0\" \"$@\"", muster, "serve", "controller", "-c", file.path,
            ]
        let process = try site.start("controller", URL(filePath: words[0]), Array(words.dropFirst()))
        try await poll("the controller answers", within: .seconds(60), every: .milliseconds(20)) {
            guard process.isRunning else { throw SiteError("the controller ended") }
            return (try? await controller.status()) != nil  // until then it cannot be reached
        }
        return process
    }

    /// Starts a fleet of nodes that come to this site's controller, and waits until all are connected.
    ///
    /// - Parameters:
    ///   - prefix: What their ids begin with: one for each fleet.
    ///   - options: More words for `muster simulate`.
    func startFleet(_ count: Int, prefix: String = "sim", options: [String] = []) async throws -> SimulatedFleet {
        // Who comes back under a known id has to have the key of before.
        let words = ["--prefix", prefix, "--key", site.file("\(prefix).pem").path]
        // A file of its own, also for the second fleet of a prefix: what it tells is read from there.
        let fleet = try site.simulate(count, as: "fleet-\(prefix)-\(site.startedCount)", words + options)
        try await fleet.wait(for: .connected)
        return fleet
    }

    /// Publishes a job and waits for its end.
    ///
    /// - Parameter timeout: How long the silent are waited for; nil for the controller's own patience.
    func runToEnd(
        _ function: String, on target: String, arguments: [Value] = [], batch: BatchSize? = nil,
        timeout: Duration? = nil
    ) async throws -> JobReport {
        let receipt = try await controller.publish(
            JobRequest(
                calls: [FunctionCall(function, arguments: arguments)], target: Target(.glob, target), user: "root",
                timeout: timeout, batch: batch))
        var report = try await controller.job(receipt.job)
        try await poll("job \(receipt.job) ends", within: .seconds(300), every: .milliseconds(50)) {
            report = try await controller.job(receipt.job)
            return report.ended != nil
        }
        return report
    }

    /// Runs one of our commands against the controller, to its end.
    func muster(_ words: String...) async throws -> Program.Output {
        try await Program(executable: Program.musterExecutable()).run(words + ["--socket", socket])
    }

    /// A counter of the controller by its metric's name.
    func counter(_ name: String) async throws -> Int64 {
        try await controller.status().counters[name]?.int ?? -1
    }

    /// How many connections a port has.
    func connections(_ port: String) async throws -> ConnectionUse {
        guard let use = try await controller.status().connections.first(where: { $0.port == port }) else {
            throw SiteError("the controller does not tell of '\(port)'")
        }
        return use
    }

    /// Lines of the controller's log that contain a text.
    func logLines(_ text: String) -> [Substring] {
        // Controllers of one site write to one file.
        site.output(of: "controller").split(separator: "\n").filter { $0.contains(text) }
    }
}
