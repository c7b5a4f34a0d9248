import MusterCore

/// A controller under measurement: started fresh for each stage, driven by the same simulated nodes.
protocol Contender: Sendable {
    static var column: Column { get }

    /// Starts it in a directory of its own, and returns when it listens.
    static func start(in directory: String, _ site: Site) async throws -> Self

    var daemon: Daemon { get }
    var requestPort: Int { get }
    var publishPort: Int { get }
    /// Where `minions/ID` holds the public keys of accepted nodes.
    var keyDirectory: String { get }

    /// Its command line, asked for nothing but its version.
    static func version(_ site: Site) -> Program

    /// Pings nodes with its own command line.
    ///
    /// - Parameter nodes: how many are expected to answer.
    /// - Returns: from the start of the command to its exit, or to the last stored answer if that is later.
    func ping(_ target: String, expecting nodes: Int) async throws -> Duration

    /// Publishes jobs for all nodes, one right after the other, without waiting for answers.
    ///
    /// - Returns: from the first publish to the last stored return.
    func runTogether(jobs: Int, nodes: Int) async throws -> Duration

    /// Publishes jobs for all nodes, and returns when the last is out.
    func publish(jobs: Int) async throws

    /// Looks again whether all is stored, which would be part of the cost if it happened earlier.
    ///
    /// - Throws: unless each of the latest jobs has the answers of this many nodes.
    func confirm(latest jobs: Int, nodes: Int) async throws

    /// Starts one real node of the contender's own kind, with a known key.
    func startNode(_ id: String, in directory: String) async throws -> Daemon
}

extension Contender {
    /// Its processes, now.
    var processes: ProcessTree {
        get throws { try daemon.processes }
    }

    func stop() async { await daemon.stop() }

    /// Accepts the key of a node as soon as that has made it: by its file, which both kinds of controller keep alike.
    ///
    /// - Parameter file: the node's own copy of its public key.
    func acceptKey(of id: String, from file: String) async throws {
        let key = try await poll("\(id) has made its key", within: .seconds(120)) {
            let text = (try? Files.text(file)) ?? ""  // not there yet
            return text.contains("-----END") ? text : nil
        }
        try Files.write(Array(key.utf8), to: "\(keyDirectory)/minions/\(id)", mode: 0o644)
    }
}
