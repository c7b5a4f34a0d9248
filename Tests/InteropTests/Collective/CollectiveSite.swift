import Foundation
import MusterTestSupport

/// A collective on loopback: a broker, and nodes and clients, unchanged ones or ours, with the files they are told by.
struct CollectiveSite: Sendable {
    let setup: CollectiveSetup
    let site: TestSite
    /// Where the broker listens, now or once it is started.
    let port: Int
    let keys: CollectiveKeys

    /// Runs a test with a site of its own, with nothing started yet.
    ///
    /// - Parameter port: Of the broker; nil for any that is free.
    static func with<Result>(
        _ setup: CollectiveSetup, port: Int? = nil, _ body: (CollectiveSite) async throws -> Result
    ) async throws -> Result {
        try await TestSite.with { site async throws in
            let collective = CollectiveSite(
                setup: setup, site: site, port: port ?? site.publishPort,
                keys: CollectiveKeys(directory: site.file("keys")))
            if setup.security != .psk { try await collective.keys.make() }
            return try await body(collective)
        }
    }

    /// Starts the broker and waits until it listens.
    ///
    /// - Parameter options: More words for ours.
    @discardableResult
    func startBroker(_ options: [String] = []) async throws -> RunningBroker {
        try await setup.broker.start(in: site, port: port, options: options)
    }

    /// Runs `muster broker …` for our broker, and expects that it works.
    @discardableResult
    func administer(_ words: String...) async throws -> Program.Output {
        try await Program(executable: Program.musterExecutable()).checked(
            ["broker"] + words + ["--socket", CollectiveBroker.socket(in: site)])
    }

    /// Adds a user with permissions to our broker; the password is the name.
    func addUser(_ name: String, configure: String, write: String, read: String) async throws {
        let file = site.file("\(name).password")
        try name.write(to: file, atomically: true, encoding: .utf8)
        try await administer("users", "add", name, "--password-file", file.path)
        try await administer(
            "permissions", "set", name, "--vhost", CollectiveBroker.virtualHost, "--configure", configure, "--write",
            write, "--read", read)
    }

    // MARK: Nodes

    /// A node of a test.
    struct Node: Sendable {
        var identity: String
        /// What the fact `role` says; it is a class of the node, too.
        var role: String
        var collectives = CollectiveBroker.collectives
        /// More lines for `server.cfg`.
        var settings = ""

        init(
            _ identity: String, role: String, collectives: [String] = CollectiveBroker.collectives,
            settings: String = ""
        ) {
            self.identity = identity
            self.role = role
            self.collectives = collectives
            self.settings = settings
        }
    }

    /// Starts unchanged nodes. They join on their own time.
    func start(_ nodes: [Node]) throws {
        for node in nodes {
            let file = try nodeConfiguration(node)
            let daemon = MCollective.program(MCollective.node)
            let pidFile = site.file("\(node.identity).pid").path
            _ = try site.start(
                node.identity, daemon.executable,
                daemon.prefix + ["--config=\(file.path)", "--no-daemonize", "--pidfile=\(pidFile)"])
        }
    }

    /// Writes the `server.cfg` of a node, with its facts and classes.
    func nodeConfiguration(_ node: Node) throws -> URL {
        let facts = site.file("\(node.identity).facts.yaml")
        try "os: Debian\nrole: \(node.role)\n".write(to: facts, atomically: true, encoding: .utf8)
        let classes = site.file("\(node.identity).classes.txt")
        try "base\n\(node.role)\n".write(to: classes, atomically: true, encoding: .utf8)
        return try configure(
            node.identity, collectives: node.collectives,
            """
            logger_type = console
            loglevel = info
            daemonize = 0
            plugin.yaml = \(facts.path)
            classesfile = \(classes.path)
            \(keys.nodeSettings(setup.security))
            \(node.settings)
            """)
    }

    // MARK: Clients

    /// Runs the unchanged client.
    ///
    /// - Parameters:
    ///   - words: The application and its arguments.
    ///   - settings: More lines for `client.cfg`.
    func mco(
        _ words: String..., settings: String = "", password: String = CollectiveBroker.password
    ) async throws -> Program.Output {
        try await mco(words, settings: settings, password: password)
    }

    /// Runs the unchanged client with words that are made elsewhere.
    func mco(
        _ words: [String], settings: String = "", password: String = CollectiveBroker.password
    ) async throws -> Program.Output {
        let file = try clientConfiguration(settings, password: password)
        return try await MCollective.program(MCollective.client).run(words + ["--config", file.path])
    }

    /// Writes `client.cfg`.
    func clientConfiguration(_ settings: String = "", password: String = CollectiveBroker.password) throws -> URL {
        try configure(
            "client", password: password,
            """
            logger_type = console
            loglevel = error
            color = 0
            \(keys.clientSettings(setup.security))
            \(settings)
            """)
    }

    /// Waits until the unchanged client's discovery finds exactly these.
    func waitForNodes(_ identities: [String]) async throws {
        try await poll("discovery finds \(identities)", within: .seconds(180)) {
            try await mco("find").standardOutput.split(separator: "\n").map(String.init).sorted() == identities.sorted()
        }
    }

    private func configure(
        _ identity: String, collectives: [String] = CollectiveBroker.collectives,
        password: String = CollectiveBroker.password, _ settings: String
    ) throws -> URL {
        let file = site.file("\(identity).cfg")
        let text = """
            identity = \(identity)
            main_collective = \(collectives[0])
            collectives = \(collectives.joined(separator: ","))
            libdir = \(MCollective.libraries)
            factsource = yaml
            \(connectorSettings(password: password))
            \(settings)

            """
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file
    }

    private func connectorSettings(password: String) -> String {
        let name = setup.connector.rawValue
        switch setup.connector {
        case .stomp:
            return """
                connector = \(name)
                plugin.\(name).host = 127.0.0.1
                plugin.\(name).port = \(port)
                plugin.\(name).user = \(CollectiveBroker.user)
                plugin.\(name).password = \(password)
                """
        case .rabbitmq, .activemq:
            return """
                connector = \(name)
                plugin.\(name).vhost = \(CollectiveBroker.virtualHost)
                plugin.\(name).pool.size = 1
                plugin.\(name).pool.1.host = 127.0.0.1
                plugin.\(name).pool.1.port = \(port)
                plugin.\(name).pool.1.user = \(CollectiveBroker.user)
                plugin.\(name).pool.1.password = \(password)
                """
        }
    }
}
