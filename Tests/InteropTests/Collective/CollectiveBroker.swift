import DaemonSupport
import Foundation
import MusterTestSupport
import Testing

/// What carries a collective in a test: our broker, or an unchanged one as Debian packages it.
///
/// All of them let the same user in by the same password, and have what MCollective needs for the collectives named here.
enum CollectiveBroker: String, Sendable, CaseIterable {
    case ours, rabbitmq, activemq

    static let user = "mcollective"
    static let password = "marionette"
    /// The virtual host. ActiveMQ has none, and takes any name.
    static let virtualHost = "/mcollective"
    /// The first is the main one.
    static let collectives = ["mcollective", "web"]

    /// Skips what needs all of them where one is absent, unless absence is a failure.
    static var needed: ConditionTrait {
        let absent = allCases.filter { !$0.isInstalled }.map(\.rawValue).joined(separator: ", ")
        return .enabled(
            if: absent.isEmpty || Peers.isRequired,
            "\(absent) not installed: run scripts/system-packages.sh build test")
    }

    /// Those that MCollective uses with it.
    var connectors: [MCollective.Connector] {
        switch self {
        case .ours: MCollective.Connector.allCases
        case .rabbitmq: [.rabbitmq]
        case .activemq: [.activemq]
        }
    }

    /// Starts it and waits until it listens. It ends with the site; what was started before at the same port must have
    /// ended, and is continued with what it kept.
    ///
    /// - Parameter options: More words for ours.
    func start(in site: TestSite, port: Int, options: [String] = []) async throws -> RunningBroker {
        let process = try program(in: site, port: port, options)
        // RabbitMQ and ActiveMQ need half a minute each when all cores are busy.
        try await poll("\(rawValue) listens on \(port)", within: .seconds(120)) {
            guard process.isRunning else { throw SiteError("\(rawValue) ended:\n\(process.tail)") }
            return LoopbackPorts.isAnswered(port)
        }
        return RunningBroker(kind: self, port: port, process: process)
    }

    private func program(in site: TestSite, port: Int, _ options: [String]) throws -> ChildProcess {
        let directory = site.file(rawValue).path
        switch self {
        case .ours:
            let file = site.file("broker.password")
            try (CollectiveBroker.password + "\n").write(to: file, atomically: true, encoding: .utf8)
            return try site.start(
                "broker", Program.musterExecutable(),
                [
                    "serve", "broker", "--stomp", "127.0.0.1:\(port)", "--user", CollectiveBroker.user,
                    "--password-file", file.path, "--data", directory, "--set",
                    "control_socket=\(CollectiveBroker.socket(in: site))",
                ] + options)
        case .rabbitmq:
            let ports = try LoopbackPorts.free(2).map(String.init)
            return try site.start(
                "broker", CollectiveBroker.script("rabbitmq.sh"),
                [directory, "\(port)"] + ports + CollectiveBroker.collectives)
        case .activemq:
            return try site.start(
                "broker", CollectiveBroker.script("activemq.sh"), [directory, "\(port)", "--persistent"])
        }
    }

    /// The control socket of ours.
    static func socket(in site: TestSite) -> String { site.file("broker.sock").path }

    private var isInstalled: Bool {
        let files =
            switch self {
            case .ours: [String]()
            case .rabbitmq: ["/usr/sbin/rabbitmq-server"]
            case .activemq: ["/usr/share/activemq/lib", "/usr/bin/java"]
            }
        return files.allSatisfy { FileManager.default.fileExists(atPath: $0) }
    }

    private static func script(_ name: String) -> URL { URL(filePath: PackageFile.path("scripts/peers/\(name)")) }
}

/// A broker that a test has started.
struct RunningBroker: Sendable {
    let kind: CollectiveBroker
    let port: Int
    let process: ChildProcess

    var host: String { "127.0.0.1" }

    /// Ends it without a word to anybody, as a crash of its machine does.
    func kill() async throws {
        process.signal(SIGKILL)
        try await poll("the broker is gone", within: .seconds(10)) {
            !process.isRunning && !LoopbackPorts.isAnswered(port)
        }
    }
}
