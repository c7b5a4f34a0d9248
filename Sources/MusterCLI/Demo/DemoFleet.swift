import DaemonSupport
import MusterCore

/// The daemons of a demo: a controller and its nodes as processes of their own, in one temporary directory.
///
/// Owned by the command that made it; `close` ends everything and must be called.
final class DemoFleet: Sendable {
    let directory: TemporaryDirectory
    let names: [String]
    private let controller: ChildProcess
    private let nodes: [ChildProcess]
    /// The daemons end when it is closed, so also when this process is killed.
    private let lifeline: Lifeline

    var socket: String { Self.socket(directory.path) }
    var configuration: String { "\(directory.path)/controller.yaml" }
    private var children: [ChildProcess] { [controller] + nodes }

    /// Writes the configurations and starts everything; nothing is left behind when that fails.
    ///
    /// - Throws: `CommandFailure`, `FileError` or `LoopbackPorts.NoneFree`.
    init(count: Int, below parent: String?) throws {
        let directory = try TemporaryDirectory("muster-demo", below: parent)
        var started: [ChildProcess] = []
        do {
            let lifeline = try Lifeline()
            let ports = try LoopbackPorts.free(2)
            let names = (1...count).map { "node\($0)" }
            func start(_ role: String, _ name: String, _ text: String) throws {
                let file = "\(directory.path)/\(name).yaml"
                try Files.write(Array(text.utf8), to: file)
                started.append(
                    try ChildProcess(
                        name, ["serve", role, "--config", file, "--end-with-input"], lifeline: lifeline,
                        output: .log(Self.log(name, in: directory))))
            }
            try start(
                "controller", "controller", Self.controllerText(directory.path, publish: ports[0], request: ports[1]))
            for name in names { try start("node", name, Self.nodeText(directory.path, name: name, request: ports[1])) }
            self.lifeline = lifeline
            self.directory = directory
            self.names = names
            controller = started[0]
            nodes = Array(started.dropFirst())
        } catch {
            for child in started { child.kill() }
            directory.remove()
            throw error
        }
    }

    static func socket(_ directory: String) -> String { "\(directory)/controller.sock" }

    private static func log(_ name: String, in directory: TemporaryDirectory) -> String {
        "\(directory.path)/\(name).log"
    }

    static func controllerText(_ directory: String, publish: Int, request: Int) -> String {
        """
        listen: [127.0.0.1]
        publish_port: \(publish)
        request_port: \(request)
        control_socket: \(socket(directory))
        state_dir: \(directory)/controller
        key_dir: \(directory)/controller/pki
        log_level: warning

        """
    }

    static func nodeText(_ directory: String, name: String, request: Int) -> String {
        """
        id: \(name)
        controllers: ["127.0.0.1:\(request)"]
        state_dir: \(directory)/\(name)
        key_dir: \(directory)/\(name)/pki
        facts_file: \(directory)/\(name)/facts.yaml
        sign_in_retry: 200ms
        reconnect_delay: 100ms
        drain_limit: 1s
        log_level: warning

        """
    }

    /// - Throws: `CommandFailure` with the end of its log when a daemon has ended by itself.
    func check() throws {
        for child in children {
            guard let ending = child.ending() else { continue }
            // A log that cannot be read has nothing to add.
            let text = (try? Files.text(Self.log(child.name, in: directory))) ?? ""
            let log = text.split(separator: "\n").suffix(10).joined(separator: "\n  ")
            throw CommandFailure(
                .failure, "\(child.name) ended \(ending)" + (log.isEmpty ? "" : ", its last words:\n  \(log)"))
        }
    }

    /// Ends every process, those that do not listen by force after five seconds, and removes the directory.
    ///
    /// - Parameter sleep: waits; it must not be cancelled.
    func close(sleep: @Sendable (Duration) async throws -> Void) async {
        for child in children { child.terminate() }
        var left = children.filter { $0.ending() == nil }
        for _ in 0..<100 where !left.isEmpty {
            try? await sleep(.milliseconds(50))
            left = left.filter { $0.ending() == nil }
        }
        for child in left { child.kill() }
        directory.remove()
    }
}
