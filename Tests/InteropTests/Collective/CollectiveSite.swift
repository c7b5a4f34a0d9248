import DaemonSupport
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

    /// How it finds its brokers.
    enum Connector: String, Sendable, CaseIterable {
        case rabbitmq, activemq
    }
}

/// A collective on loopback: our broker, unchanged nodes and the unchanged client.
struct CollectiveSite: Sendable {
    let connector: MCollective.Connector
    private let site: TestSite
    private static let password = "marionette"

    /// Runs a test with a site of its own.
    static func with<Result>(
        _ connector: MCollective.Connector, _ body: (CollectiveSite) async throws -> Result
    ) async throws -> Result {
        try await TestSite.with { try await body(CollectiveSite(connector: connector, site: $0)) }
    }

    private var port: Int { site.publishPort }

    /// Starts our broker and waits until it listens.
    @discardableResult
    func startBroker() async throws -> ChildProcess {
        let file = site.file("password")
        try (CollectiveSite.password + "\n").write(to: file, atomically: true, encoding: .utf8)
        let process = try site.start(
            "broker", Program.musterExecutable(),
            [
                "serve", "broker", "--stomp", "127.0.0.1:\(port)", "--user", "mcollective", "--password-file",
                file.path,
            ])
        try await poll("the broker listens on \(port)", within: .seconds(30)) {
            guard process.isRunning else { throw SiteError("the broker ended") }
            return LoopbackPorts.isAnswered(port)
        }
        return process
    }

    /// Starts unchanged nodes, each with its facts. They join on their own time.
    ///
    /// - Parameter roles: By identity, what the fact `role` says; it is a class of the node, too.
    func startNodes(_ roles: [String: String]) throws {
        for (identity, role) in roles {
            let facts = site.file("\(identity).facts.yaml")
            try "os: Debian\nrole: \(role)\n".write(to: facts, atomically: true, encoding: .utf8)
            let classes = site.file("\(identity).classes.txt")
            try "base\n\(role)\n".write(to: classes, atomically: true, encoding: .utf8)
            let file = try configure(
                identity,
                """
                logger_type = console
                loglevel = info
                daemonize = 0
                plugin.yaml = \(facts.path)
                classesfile = \(classes.path)
                """)
            _ = try site.start(
                identity, URL(filePath: "/usr/bin/env"),
                [
                    "RUBYOPT=\(rubyOptions)", MCollective.node, "--config=\(file.path)", "--no-daemonize",
                    "--pidfile=\(site.file("\(identity).pid").path)",
                ])
        }
    }

    /// Runs the unchanged client.
    ///
    /// - Parameters:
    ///   - words: The application and its arguments.
    ///   - settings: More lines for `client.cfg`.
    func mco(_ words: String..., settings: String = "", password: String? = nil) async throws -> Program.Output {
        let file = try configure("client", "logger_type = console\nloglevel = error\ncolor = 0\n\(settings)", password)
        let program = Program(
            executable: URL(filePath: "/usr/bin/env"), prefix: ["RUBYOPT=\(rubyOptions)", MCollective.client])
        return try await program.run(words + ["--config", file.path])
    }

    /// Waits until discovery finds exactly these.
    func waitForNodes(_ identities: [String]) async throws {
        try await poll("discovery finds \(identities)", within: .seconds(120)) {
            try await mco("find").standardOutput.split(separator: "\n").map(String.init).sorted() == identities.sorted()
        }
    }

    private var rubyOptions: String {
        let shim = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "psych4.rb")
        return "-W0 -r\(shim.path)"
    }

    private func configure(_ identity: String, _ settings: String, _ password: String? = nil) throws -> URL {
        let file = site.file("\(identity).cfg")
        let pool = "plugin.\(connector.rawValue).pool"
        let text = """
            identity = \(identity)
            main_collective = mcollective
            collectives = mcollective,web
            libdir = /usr/share/mcollective/plugins
            securityprovider = psk
            plugin.psk = a secret of this test
            factsource = yaml
            connector = \(connector.rawValue)
            plugin.\(connector.rawValue).vhost = /mcollective
            \(pool).size = 1
            \(pool).1.host = 127.0.0.1
            \(pool).1.port = \(port)
            \(pool).1.user = mcollective
            \(pool).1.password = \(password ?? CollectiveSite.password)
            \(settings)

            """
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file
    }
}
