import Foundation
import MusterTestSupport
import Testing

/// The unchanged programs of MCollective 2.12.5, as Debian packages them.
enum MCollective {
    static let node = "/usr/sbin/mcollectived"
    static let client = "/usr/bin/mco"

    /// Skips what needs them where they are absent, unless absence is a failure.
    static var needed: ConditionTrait {
        let areThere = [node, client].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
        return .enabled(
            if: areThere || Peers.isRequired, "MCollective is not installed: run scripts/system-packages.sh build test")
    }

    /// Where its plugins are; beside its own those of ours that stand in for what it no longer has.
    static let libraries = "/usr/share/mcollective/plugins:" + folder.appending(path: "legacy").path

    /// How it finds its brokers.
    enum Connector: String, Sendable, CaseIterable {
        case rabbitmq, activemq
        /// That of the 2.2 series, played by `legacy/mcollective/connector/stomp.rb`.
        case stomp
    }

    /// How requests and replies are trusted.
    enum Security: String, Sendable, CaseIterable {
        case psk, ssl, aes
    }

    /// A program of it that runs under Ruby 3.1.
    static func program(_ path: String) -> Program {
        Program(executable: URL(filePath: "/usr/bin/env"), prefix: ["RUBYOPT=\(rubyOptions)", path])
    }

    private static var rubyOptions: String { "-W0 -r\(folder.appending(path: "psych4.rb").path)" }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
}

/// A broker, a connector and a security provider that belong together: a row of the tables of tests.
struct CollectiveSetup: Sendable, CustomTestStringConvertible {
    var broker: CollectiveBroker
    var connector: MCollective.Connector
    var security = MCollective.Security.psk

    /// Our broker with each connector.
    static let ours = CollectiveBroker.ours.connectors.map { CollectiveSetup(broker: .ours, connector: $0) }

    /// Each other broker with its own connector.
    static let others = [CollectiveBroker.rabbitmq, .activemq].flatMap { broker in
        broker.connectors.map { CollectiveSetup(broker: broker, connector: $0) }
    }

    /// With the security providers that have keys: our broker and RabbitMQ.
    static let keyed = [CollectiveBroker.ours, .rabbitmq].flatMap { broker in
        [MCollective.Security.ssl, .aes].map { CollectiveSetup(broker: broker, connector: .rabbitmq, security: $0) }
    }

    /// Every broker with a pre-shared key, and ours and RabbitMQ with the others, too.
    static let matrix = ours.filter { $0.connector != .stomp } + others + keyed

    var testDescription: String { "\(broker) by \(connector), \(security)" }
}
