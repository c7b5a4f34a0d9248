import DaemonSupport
import MusterCore

/// An unchanged `salt-master` with five workers and otherwise its defaults.
struct SaltMaster: Contender {
    static let release = "3008.5"
    static let column = Column.saltMaster

    let daemon: Daemon
    let requestPort: Int
    let publishPort: Int
    let keyDirectory: String
    private let site: Site
    private let configuration: String
    private let cache: SaltJobCache

    static func start(in directory: String, _ site: Site) async throws -> SaltMaster {
        let ports = try LoopbackPorts.free(2)
        let configuration = "\(directory)/conf"
        let settings = """
            root_dir: \(directory)
            pki_dir: \(directory)/pki
            cachedir: \(directory)/cache
            user: \(site.user)
            interface: 127.0.0.1
            publish_port: \(ports[0])
            ret_port: \(ports[1])
            worker_threads: 5
            max_open_files: \(site.descriptorLimit)

            """
        try Files.makeDirectory(configuration)
        try Files.write(Array(settings.utf8), to: "\(configuration)/master")
        let master = SaltMaster(
            daemon: try Daemon(
                "salt-master", site.salt.program("salt-master"), ["-c", configuration, "-l", "warning"],
                log: "\(directory)/master.log"),
            requestPort: ports[1], publishPort: ports[0], keyDirectory: "\(directory)/pki", site: site,
            configuration: configuration, cache: SaltJobCache(directory: "\(directory)/cache/jobs"))
        do {
            try await poll("salt-master listens", within: .seconds(120)) {
                try master.daemon.check()
                return LoopbackPorts.isAnswered(ports[0]) && LoopbackPorts.isAnswered(ports[1]) ? true : nil
            }
            // Its ports are open before its workers are up.
            try await master.processes.waitUntilQuiet(within: .seconds(60))
        } catch {
            await master.stop()
            throw error
        }
        return master
    }

    static func version(_ site: Site) -> Program {
        // Only asked for where Salt is installed.
        Program((try? site.salt.program("salt")) ?? "salt", ["--version"])
    }

    func ping(_ target: String, expecting nodes: Int) async throws -> Duration {
        let before = cache.returns
        let began = ContinuousClock.now
        let run = try await salt([target, "test.ping", "-t", "120", "--out", "txt"])
        let answered = run.output.split(separator: "\n").count { $0.hasSuffix(": True") }
        guard run.status == 0, answered == nodes else {
            throw BenchFailure(
                "\(answered) of \(nodes) nodes answered, status \(run.status): \(run.output.suffix(300))")
        }
        if cache.returns - before >= nodes { return run.time }
        return try await cache.wait(for: before + nodes, within: .seconds(120)) - began
    }

    func runTogether(jobs: Int, nodes: Int) async throws -> Duration {
        let before = cache.returns
        return try await publishing(jobs) { began in
            try await cache.wait(for: before + jobs * nodes, within: .seconds(600)) - began
        }
    }

    func publish(jobs: Int) async throws {
        try await publishing(jobs) { _ in }
    }

    /// Publishes jobs, and ends the publisher after `body`, which gets the time of the start.
    private func publishing<Answer>(
        _ jobs: Int, _ body: (ContinuousClock.Instant) async throws -> Answer
    ) async throws -> Answer {
        let publisher = try SaltPublisher(
            python: site.salt.program("python3"), configuration: configuration, jobs: jobs, directory: site.directory)
        do {
            let answer = try await body(try await publisher.go())
            await publisher.stop()
            return answer
        } catch {
            await publisher.stop()
            throw error
        }
    }

    func confirm(latest jobs: Int, nodes: Int) async throws {
        // Both count the job cache, which costs the master nothing.
    }

    func startNode(_ id: String, in directory: String) async throws -> Daemon {
        let configuration = "\(directory)/minion-conf"
        let settings = """
            id: \(id)
            root_dir: \(directory)/minion
            pki_dir: \(directory)/minion/pki
            user: \(site.user)
            master: 127.0.0.1
            master_port: \(requestPort)
            publish_port: \(publishPort)
            acceptance_wait_time: 1
            random_startup_delay: 0

            """
        try Files.makeDirectory(configuration)
        try Files.write(Array(settings.utf8), to: "\(configuration)/minion")
        let minion = try Daemon(
            "salt-minion", site.salt.program("salt-minion"), ["-c", configuration, "-l", "warning"],
            log: "\(directory)/minion.log")
        do {
            try await acceptKey(of: id, from: "\(directory)/minion/pki/minion.pub")
            try await poll("\(id) answers the master", within: .seconds(120)) {
                try minion.check()
                let run = try await salt([id, "test.ping", "-t", "2", "--out", "txt"])
                return run.output.contains("\(id): True") ? true : nil
            }
        } catch {
            await minion.stop()
            throw error
        }
        return minion
    }

    private func salt(_ words: [String]) async throws -> Program.Run {
        try await Program(site.salt.program("salt"), ["-c", configuration] + words).run(within: .seconds(300))
    }
}
