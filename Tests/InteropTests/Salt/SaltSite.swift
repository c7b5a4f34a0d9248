import Foundation
import MusterCore
import MusterTestSupport

/// A fleet on loopback: one controller, ours or Salt's, and nodes, ours and Salt's.
///
/// Everybody gets a Salt configuration directory with its own `root_dir` and free ports, so that ours read the same files
/// as theirs.
struct SaltSite: Sendable {
    /// Who answers on the controller's ports.
    enum Controller: Sendable {
        case muster
        case salt(SaltRelease)
    }

    private let site: TestSite

    /// Runs a test with a site of its own.
    static func with<Result>(_ body: (SaltSite) async throws -> Result) async throws -> Result {
        try await TestSite.with { try await body(SaltSite(site: $0)) }
    }
}

// MARK: Processes

extension SaltSite {
    /// Starts the controller and waits until it listens.
    ///
    /// - Parameters:
    ///   - settings: Lines for the `master` file, as `auto_accept: true`.
    ///   - options: More words for our own controller, as `--set`.
    @discardableResult
    func startController(
        _ controller: Controller = .muster, settings: String = "", options: [String] = []
    ) async throws -> ChildProcess {
        let directory = try configure(
            "master", file: "master",
            """
            interface: 127.0.0.1
            publish_port: \(site.publishPort)
            ret_port: \(site.requestPort)
            worker_threads: 2
            \(settings)
            """)
        let process =
            switch controller {
            case .muster:
                try start(
                    "controller", Program.musterExecutable(),
                    ["serve", "controller", "--salt-config", directory.path, "--log-level", "debug"] + options)
            case .salt(let release):
                try start("master", release.program("salt-master"), ["-c", directory.path, "-l", "info"])
            }
        try await poll("the controller listens on \(ports)", within: .seconds(120)) {
            guard process.isRunning else { throw SiteError("the controller ended") }
            return site.isAnswered
        }
        return process
    }

    /// Starts an unchanged minion. It joins on its own time.
    @discardableResult
    func startMinion(_ id: String, _ release: SaltRelease, settings: String = "") throws -> ChildProcess {
        let directory = try configureNode(id, settings)
        return try start(id, release.program("salt-minion"), ["-c", directory.path, "-l", "info"])
    }

    /// Starts one of our nodes. It joins on its own time.
    ///
    /// - Parameters:
    ///   - masters: What stands for `master` when it is not just the site's own.
    ///   - options: More words of the command.
    @discardableResult
    func startNode(
        _ id: String, masters: [String]? = nil, settings: String = "", options: [String] = []
    ) throws -> ChildProcess {
        let directory = try configureNode(id, masters: masters, settings)
        return try start(
            id, Program.musterExecutable(),
            ["serve", "node", "--salt-config", directory.path, "--log-level", "debug"] + options)
    }

    /// The ports of the site's controller.
    var ports: (publish: Int, request: Int) { (site.publishPort, site.requestPort) }

    /// The host and the request port of the site's controller, for `startNode`.
    var master: String { "127.0.0.1:\(site.requestPort)" }

    private func configureNode(_ id: String, masters: [String]? = nil, _ settings: String) throws -> URL {
        try configure(
            id, file: "minion",
            """
            id: \(id)
            master: [\((masters ?? ["127.0.0.1"]).map { "'\($0)'" }.joined(separator: ", "))]
            master_port: \(site.requestPort)
            publish_port: \(site.publishPort)
            acceptance_wait_time: 1
            random_startup_delay: 0
            \(settings)
            """)
    }

    /// Writes a file of the site, as `pillar/top.sls`, and returns where it is.
    @discardableResult
    func write(_ text: String, to path: String) throws -> URL {
        let file = site.file(path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file
    }

    /// Writes a configuration file with what all of them share, and returns its directory.
    private func configure(_ name: String, file: String, _ lines: String) throws -> URL {
        let root = site.file(name)
        let directory = root.appending(path: "conf")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let text = """
            root_dir: \(root.path)
            pki_dir: \(root.path)/pki
            user: \(NSUserName())
            \(lines)

            """
        try text.write(to: directory.appending(path: file), atomically: true, encoding: .utf8)
        return directory
    }

    /// Starts a program that ends with the site; its output goes to a file of its name.
    func start(_ name: String, _ executable: URL, _ arguments: [String]) throws -> ChildProcess {
        try site.start(name, executable, arguments)
    }

    /// Starts simulated nodes whose keys the site's controller has accepted.
    func startSimulation(_ count: Int, _ options: String...) throws -> SimulatedFleet {
        try site.simulate(count, ["--accept-into", file("master/pki").path] + options)
    }
}

// MARK: Commands

extension SaltSite {
    private var masterDirectory: URL { file("master/conf") }

    /// One of Salt's own commands against the site's Salt master: `salt`, `salt-key`, `salt-run`.
    func salt(_ release: SaltRelease, _ program: String = "salt") throws -> Program {
        Program(executable: try release.program(program), prefix: ["-c", masterDirectory.path, "--no-color"])
    }

    /// `salt-call --local` with the configuration of one of the site's nodes.
    func saltCall(_ release: SaltRelease, as id: String) throws -> Program {
        Program(
            executable: try release.program("salt-call"),
            prefix: ["--local", "-c", file("\(id)/conf").path, "--out=json", "--log-level=quiet"])
    }

    /// Our command line against the site's controller. The options that name it follow the subcommand.
    func muster(_ command: String..., arguments: [String] = [], within limit: Duration = .seconds(120)) async throws
        -> Program.Output
    {
        try await Program(executable: Program.musterExecutable())
            .run(command + ["--salt-config", masterDirectory.path] + arguments, within: limit)
    }

    /// Our command line with `--json`: one value a line.
    func musterJSON(_ command: String..., arguments: [String] = [], within limit: Duration = .seconds(120)) async throws
        -> [Value]
    {
        try await Program(executable: Program.musterExecutable())
            .run(command + ["--json", "--salt-config", masterDirectory.path] + arguments, within: limit).jsonLines()
    }

    /// Our command line in the place of one of Salt's own programs: `salt`, `salt-key`.
    func musterAs(_ program: String, _ arguments: [String]) async throws -> Program.Output {
        try await Program(executable: Program.musterExecutable())
            .run(["as", program, "-c", masterDirectory.path, "--no-color"] + arguments)
    }

    /// The database of our controller.
    var database: URL { file("master/var/cache/salt/master/muster/muster.db") }

    /// A file in the site's folder, for what jobs and the test tell each other.
    func file(_ name: String) -> URL { site.file(name) }

    /// Waits until our controller knows a key in a state.
    func waitForKey(_ id: String, _ state: KeyState) async throws {
        try await poll("our controller has the key of \(id) as \(state.rawValue)", within: .seconds(120)) {
            try await musterJSON("keys", "list").contains {
                $0["node"]?.string == id && $0["state"]?.string == state.rawValue
            }
        }
    }

    /// Waits until a node is connected to our controller.
    func waitForNode(_ id: String) async throws {
        try await poll("\(id) is connected to our controller", within: .seconds(120)) {
            try await musterJSON("nodes", "list")
                .contains { $0["node"]?.string == id && $0["contact"]?["isConnected"]?.bool == true }
        }
    }
}
