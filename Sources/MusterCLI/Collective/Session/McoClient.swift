import MCollectiveProtocol
import MusterCore

/// A client of one agent: finds the nodes that a command line means, and calls actions on them.
///
/// Everything that can be wrong with a call is said before anything is sent. Nodes are discovered once and remembered until
/// the filter changes.
///
/// Source: MCollective 2.12, `rpc/client.rb`.
struct McoClient: Sendable {
    private(set) var world: McoWorld
    let site: any CollectiveSite
    let caller: any CollectiveCaller
    let agent: String
    let description: DDL
    var showsProgress: Bool
    /// The operator's filter, and the agent.
    private(set) var filter: Filter
    var discovery: Discovered?
    /// What came in on the standard input, when somebody looked.
    private(set) var standardInput: [String]?

    /// The nodes that are meant, and how they were found.
    struct Discovered: Sendable, Hashable {
        var nodes: [String]
        /// Seconds; zero when nobody was asked.
        var time = 0.0
        var method: String
        /// Whether requests go to each node by itself, however many there are.
        var isDirect = false
    }

    /// Works as a client of an agent in the collective of a command line: connects before, and says goodbye after.
    static func with<Result>(
        _ world: McoWorld, agent: String, _ body: (inout McoClient) async throws -> Result
    ) async throws -> Result {
        var client = try await connect(world, agent: agent)
        do {
            let result = try await body(&client)
            await client.caller.close()
            return result
        } catch {
            await client.caller.close()
            throw error
        }
    }

    private static func connect(_ world: McoWorld, agent: String) async throws -> McoClient {
        _ = try world.collective()
        let description = try world.descriptions.description(.agent, agent)
        let site = try world.site()
        let caller = try await site.connect(within: world.connectionTimeout)
        return McoClient(world, site, caller, agent: agent, description: description)
    }

    private init(
        _ world: McoWorld, _ site: any CollectiveSite, _ caller: any CollectiveCaller, agent: String, description: DDL
    ) {
        self.world = world
        self.site = site
        self.caller = caller
        self.agent = agent
        self.description = description
        showsProgress = world.invocation.showsProgress
        filter = world.invocation.filter
        add(.text(agent))
    }

    private mutating func add(_ agent: NameTest) {
        if !filter.agents.contains(agent) { filter.agents.append(agent) }
    }

    /// Means one node by its name besides what the command line says. What was discovered is forgotten.
    mutating func addIdentity(_ name: String) {
        if !filter.identities.contains(.text(name)) { filter.identities.append(.text(name)) }
        discovery = nil
    }

    /// Takes the nodes from the standard input when it has any and no method was chosen.
    mutating func detectStandardInput() {
        guard world.invocation.discoveryMethod == nil, !world.console.isInteractive else { return }
        let lines = readStandardInput()
        guard !lines.isEmpty else { return }
        world.invocation.discoveryMethod = "stdin"
        world.invocation.discoveryOptions = ["auto"]
        discovery = nil
    }

    /// The lines of the standard input, read once.
    mutating func readStandardInput() -> [String] {
        if let standardInput { return standardInput }
        var lines: [String] = []
        while let line = world.console.readLine() { lines.append(line) }
        standardInput = lines
        return lines
    }

    /// The description of an action.
    func action(_ name: String) throws -> DDLAction {
        guard let action = description.action(name) else {
            throw McoFailure("\(DDLRefusal.unknownAction(name, agent: description.metadata.name))")
        }
        return action
    }
}
