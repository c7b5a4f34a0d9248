import Logging
import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@testable import NodeAgent

/// A node of a collective without a link: its desk, asked as the link would ask.
struct CollectiveFixture {
    let profile: CollectiveProfile
    let desk: CollectiveDesk
    let directory: TestDirectory

    static let facts: ValueMap = [
        "hostname": "node1", "role": "web", "country": "uk", "cpus": "2", "os": ["name": "Debian", "release": "12"],
    ]

    /// - Parameters:
    ///   - settings: lines of `server.cfg`.
    ///   - policies: files of the directory `policies`.
    ///   - agents: besides `rpcutil`.
    init(
        _ settings: String = "", policies: [String: String] = [:], agents: [CollectiveAgent] = [],
        turns: ActionTurns = ActionTurns(), processes: any ProcessRunning = ScriptedProcesses(),
        modules: [ExecutionModule] = []
    ) throws {
        let directory = try TestDirectory()
        self.directory = directory
        let classes = directory.file("classes.txt")
        try Files.write(Array("base\nrole_web\n".utf8), to: classes)
        if !policies.isEmpty { try Files.makeDirectory(directory.file("policies")) }
        for (name, text) in policies { try Files.write(Array(text.utf8), to: directory.file("policies/\(name)")) }
        let file = directory.file("server.cfg")
        let configuration = CollectiveConfiguration(
            .init(
                file,
                "identity = node1\ncollectives = mcollective,sub1\nclassesfile = \(classes)\nplugin.psk = \(Self.secret)\n\(settings)"
            ))
        let read: CollectiveFacts.Reader = { _ in throw FunctionError.failed(reason: "no files here") }
        let profile = CollectiveProfile(
            identity: "node1", configuration: configuration, configurationFile: file,
            facts: CollectiveFacts(
                files: [], cacheTime: .seconds(300), own: MemoryFacts(Self.facts), logger: .quiet, read: read),
            startedAt: Timestamp(seconds: 1_795_242_719), readYAML: read)
        profile.agents = [.rpcutil] + agents
        self.profile = profile
        let node = try #require(NodeID("node1"))
        let registry = FunctionRegistry(modules)
        let shown: ValueMap = ["cachedir": .string(directory.path)]
        desk = CollectiveDesk(
            profile,
            policies: configuration.authorization.map { _ in
                ActionPolicyFiles(configuration, file: file, logger: .quiet)
            },
            audit: configuration.audit.map { _ in AuditLog(path: directory.file("audit.log")) }, turns: turns,
            logger: .quiet
        ) {
            let facts = MemoryFacts([:])
            @Sendable func context() -> FunctionContext {
                FunctionContext(
                    node: node, job: nil, publication: [:], configuration: shown, facts: facts, pillar: [:],
                    processes: processes, jobs: NoJobs(), functions: registry,
                    call: { try await registry.call($0, in: context()) })
            }
            return context()
        }
    }

    static let secret = "a36cd839414370e10fd281b8a38a4f48"

    /// Calls an action and gives its reply.
    func call(
        _ agent: String, _ action: String, _ inputs: KeyValuePairs<String, RubyValue> = [:],
        caller: String = "uid=0"
    ) async throws -> RPCReply {
        let request = try request(agent, action, RubyHash(outputs: inputs), caller: caller)
        guard case .reply(let body) = await desk.answer(request) else { throw Vector.Problem("no reply") }
        return try RPCReply(body: body)
    }

    func request(
        _ agent: String, _ action: String, _ inputs: RubyHash = [:], caller: String = "uid=0", filter: Filter? = nil
    ) throws -> CollectiveRequest {
        let caller = try #require(CallerID(caller))
        return CollectiveRequest(
            senderID: "admin1", requestID: "c453a61c3b785da9924fc865a5e59bc7",
            filter: filter ?? Filter(agent: agent), collective: "mcollective", agent: agent, callerID: caller,
            time: Timestamp(seconds: 1_795_243_173),
            body: RPCRequest(agent: agent, action: action, caller: caller, inputs: inputs).body)
    }
}
