import DaemonSupport
import HTTPAPI
import MusterCore

/// `muster serve controller`.
struct MusterController: Contender {
    static let column = Column.muster

    let daemon: Daemon
    let requestPort: Int
    let publishPort: Int
    let keyDirectory: String
    private let site: Site
    private let socket: String
    private let client: ControllerClient

    static func start(in directory: String, _ site: Site) async throws -> MusterController {
        let ports = try LoopbackPorts.free(2)
        let socket = "\(directory)/control.sock"
        let file = "\(directory)/controller.yaml"
        let settings = """
            listen: [127.0.0.1]
            publish_port: \(ports[0])
            request_port: \(ports[1])
            control_socket: \(socket)
            state_dir: \(directory)/state
            key_dir: \(directory)/pki
            log_level: warning

            """
        try Files.write(Array(settings.utf8), to: file)
        let controller = MusterController(
            daemon: try Daemon(
                "muster serve controller", site.muster, ["serve", "controller", "--config", file],
                log: "\(directory)/controller.log"),
            requestPort: ports[1], publishPort: ports[0], keyDirectory: "\(directory)/pki", site: site, socket: socket,
            client: ControllerClient(socketPath: socket))
        do {
            try await poll("our controller listens", within: .seconds(60)) {
                try controller.daemon.check()
                return try? await controller.client.status()  // the socket is not there yet
            }
        } catch {
            await controller.stop()
            throw error
        }
        return controller
    }

    static func version(_ site: Site) -> Program { Program(site.muster, ["version"]) }

    func ping(_ target: String, expecting nodes: Int) async throws -> Duration {
        // Status 0 means that every node that was expected has answered.
        try await Program(site.muster, ["ping", "--socket", socket, "-t", "120", target]).succeed(within: .seconds(180))
            .time
    }

    func publish(jobs: Int) async throws {
        // A queue of jobs is no silence: nobody is to be asked what they do.
        let request = JobRequest(
            calls: [FunctionCall("test.ping")], target: Target(.glob, "*"), user: site.user, timeout: .seconds(600))
        for _ in 0..<jobs { _ = try await client.publish(request) }
    }

    func runTogether(jobs: Int, nodes: Int) async throws -> Duration {
        let began = ContinuousClock.now
        try await publish(jobs: jobs)
        // A job is over when the return of its last node has been committed.
        try await poll("\(jobs) jobs on \(nodes) nodes are over", within: .seconds(180), every: .milliseconds(10)) {
            try await client.status().openJobs == 0 ? true : nil
        }
        return ContinuousClock.now - began
    }

    func startNode(_ id: String, in directory: String) async throws -> Daemon {
        let file = "\(directory)/node.yaml"
        let settings = """
            id: \(id)
            controllers: ["127.0.0.1:\(requestPort)"]
            state_dir: \(directory)/node
            key_dir: \(directory)/node/pki
            facts_file: \(directory)/node/facts.yaml
            sign_in_retry: 1s
            log_level: warning

            """
        try Files.write(Array(settings.utf8), to: file)
        let node = try Daemon(
            "muster serve node", site.nodes, ["serve", "node", "--config", file], log: "\(directory)/node.log")
        do {
            try await acceptKey(of: id, from: "\(directory)/node/pki/minion.pub")
            try await poll("\(id) is connected", within: .seconds(60)) {
                try node.check()
                return try await client.preview(Target(.list, id)).nodes.first { $0.isConnected }
            }
        } catch {
            await node.stop()
            throw error
        }
        return node
    }

    func confirm(latest jobs: Int, nodes: Int) async throws {
        let latest = try await client.jobs(JobQuery(limit: jobs))
        guard latest.count == jobs else { throw BenchFailure("the controller has \(latest.count) of \(jobs) jobs") }
        for job in latest {
            let answered = try await client.job(job.job.id).counts[.ok] ?? 0
            guard answered == nodes else {
                throw BenchFailure("\(answered) of \(nodes) nodes answered job \(job.job.id)")
            }
        }
    }
}
