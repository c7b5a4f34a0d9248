import DaemonSupport
import Foundation
import MusterCore

/// A broker under measurement: ours, or one that Debian packages.
enum BrokerKind: String, Sendable, CaseIterable {
    case muster, rabbitMQ, activeMQ

    /// What becomes of messages that are to be kept.
    enum Storage: Sendable {
        /// Nobody sends any; what can do without a disk has none.
        case memory
        case disk
    }

    var column: Column {
        switch self {
        case .muster: .muster
        case .rabbitMQ: .rabbitMQ
        case .activeMQ: .activeMQ
        }
    }

    /// Why it cannot be measured; nil when it can.
    func absence(_ site: Site) -> String? {
        guard let scripts = site.peerScripts else {
            return self == .muster ? nil : "the scripts that start it are not beside this program's sources"
        }
        let files =
            switch self {
            case .muster: [String]()
            case .rabbitMQ: ["/usr/sbin/rabbitmq-server", "\(scripts)/rabbitmq.sh"]
            case .activeMQ: ["/usr/share/activemq/lib", "/usr/bin/java", "\(scripts)/activemq.sh"]
            }
        let missing = files.first { !FileManager.default.fileExists(atPath: $0) }
        return missing.map { "there is no \($0); 'scripts/system-packages.sh build test' installs it" }
    }

    /// Starts it in a directory of its own, and returns when it listens and has nothing left to do.
    func start(in directory: String, _ storage: Storage, _ site: Site) async throws -> Broker {
        let ports = try LoopbackPorts.free(3)
        let broker = Broker(
            kind: self, port: ports[0], daemon: try daemon(in: directory, ports, storage, site))
        do {
            try await poll("\(rawValue) listens", within: .seconds(120)) {
                try broker.daemon.check()
                return LoopbackPorts.isAnswered(broker.port) ? true : nil
            }
            try await broker.daemon.processes.waitUntilQuiet(within: .seconds(30))
        } catch {
            await broker.daemon.stop()
            throw error
        }
        return broker
    }

    private func daemon(
        in directory: String, _ ports: [Int], _ storage: Storage, _ site: Site
    ) throws -> Daemon {
        let log = "\(directory)/broker.log"
        switch self {
        case .muster:
            let password = "\(directory)/password"
            try Files.write(Array("\(StompPlan.passcode)\n".utf8), to: password)
            var words = ["serve", "broker", "--stomp", "127.0.0.1:\(ports[0])", "--log-level", "warning"]
            words += ["--user", StompPlan.login, "--password-file", password]
            if storage == .disk { words += ["--data", "\(directory)/messages"] }
            return try Daemon("muster serve broker", site.muster, words, log: log)
        case .rabbitMQ:
            let words = ["\(directory)/rabbitmq"] + ports.map(String.init)
            return try Daemon("RabbitMQ", "\(site.peerScripts ?? "")/rabbitmq.sh", words, log: log)
        case .activeMQ:
            // Room for thousands of connections.
            let script = "\(site.peerScripts ?? "")/activemq.sh"
            var words = ["ACTIVEMQ_HEAP=2g", script, "\(directory)/activemq", "\(ports[0])"]
            if storage == .disk { words.append("--persistent") }
            return try Daemon("ActiveMQ", "/usr/bin/env", words, log: log)
        }
    }
}

/// A broker that runs.
struct Broker: Sendable {
    let kind: BrokerKind
    let port: Int
    let daemon: Daemon

    /// Puts a load on it, from a process of its own.
    func load(_ plan: StompPlan) async throws -> StompOutcome {
        try daemon.check()
        let limit = Duration.seconds(plan.seconds + 180)
        let run = try await Program(Spawn.ownProgram, plan.arguments).succeed(within: limit)
        guard let outcome = run.output.split(separator: "\n").last.flatMap({ StompOutcome(String($0)) }) else {
            throw BenchFailure("the load generator says: \(run.output.suffix(500))")
        }
        return outcome
    }
}
