package import MCollectiveProtocol
package import MusterCore
import Synchronization

/// What a node is in its collectives: its configuration, facts, classes, agents, data plugins and counters.
///
/// Agents are set once they are known, and again when they change; everything else stays. A `Mutex` owns them.
package final class CollectiveProfile: Sendable {
    private struct State {
        var agents: [CollectiveAgent] = []
        var counters: @Sendable () -> CollectiveCounters = { CollectiveCounters() }
    }

    package let identity: String
    package let configuration: CollectiveConfiguration
    /// Where the configuration came from.
    package let configurationFile: String
    package let facts: CollectiveFacts
    package let dataPlugins: [DataPlugin]
    /// Reads a file of YAML that holds a map.
    package let readYAML: CollectiveFacts.Reader
    package let startedAt: Timestamp
    private let state = Mutex(State())

    package init(
        identity: String, configuration: CollectiveConfiguration, configurationFile: String, facts: CollectiveFacts,
        dataPlugins: [DataPlugin] = DataPlugin.standard, startedAt: Timestamp = .now,
        readYAML: @escaping CollectiveFacts.Reader
    ) {
        self.identity = identity
        self.configuration = configuration
        self.configurationFile = configurationFile
        self.facts = facts
        self.dataPlugins = dataPlugins
        self.startedAt = startedAt
        self.readYAML = readYAML
    }

    /// The agents that answer calls. The agent `discovery` is not among them.
    package var agents: [CollectiveAgent] {
        get { state.withLock(\.agents) }
        set { state.withLock { $0.agents = newValue } }
    }

    /// The names of everything that can be asked, `discovery` included.
    package var agentNames: [String] { [Discovery.agent] + agents.map(\.name) }

    package func agent(named name: String) -> CollectiveAgent? { agents.first { $0.name == name } }

    /// What the link has counted.
    package var counters: CollectiveCounters { state.withLock(\.counters)() }

    /// Names who counts.
    package func count(with counters: @escaping @Sendable () -> CollectiveCounters) {
        state.withLock { $0.counters = counters }
    }

    /// The lines of the classes file; none when it cannot be read, as before the first run of Puppet.
    package func classes() -> [String] {
        guard let bytes = try? Files.read(configuration.classesFile, limitBytes: 4 << 20) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
            line.hasSuffix("\r") ? String(line.dropLast()) : String(line)
        }
    }

    /// What filters are judged by.
    ///
    /// - Parameter calls: of data plugins; those that fail are missing from the subject, which no compound filter passes.
    package func subject(asking calls: [DataCall], in context: CollectiveContext) async -> FilterSubject {
        var data: [DataCall: ValueMap] = [:]
        for call in calls {
            guard let outputs = try? await self.data(call, in: context) else { continue }
            data[call] = RubyValue.hash(outputs).value.map
        }
        return FilterSubject(
            identity: identity, agents: agentNames, classes: classes(), facts: await facts.facts(), data: data)
    }

    /// Asks a data plugin, within the time of its DDL.
    ///
    /// - Throws: `ActionFailure`, or what the plugin throws.
    package func data(_ call: DataCall, in context: CollectiveContext) async throws -> RubyHash {
        guard let plugin = dataPlugins.first(where: { $0.name == call.plugin }) else {
            throw ActionFailure("No plugin \(call.plugin)_data defined", status: .unknownError)
        }
        try plugin.check(call.query)
        let limit = Duration.seconds(plugin.description.metadata.timeout)
        guard let outputs = try await TimeLimit.run(limit, { try await plugin.query(call.query, context) }) else {
            throw ActionFailure(
                "Data plugin \(call.plugin)_data timed out on query '\(call.query ?? "")'", status: .unknownError)
        }
        return outputs
    }
}

/// What a node has counted since it started: the figures of `rpcutil.daemon_stats`.
package struct CollectiveCounters: Sendable, Hashable {
    /// Messages that came.
    package var total = 0
    /// Messages that were proved, and those that were not.
    package var validated = 0
    package var unvalidated = 0
    /// Requests that meant this node, and those that did not.
    package var passed = 0
    package var filtered = 0
    /// Requests that were too old.
    package var expired = 0
    /// Answers that were sent.
    package var replies = 0

    package init() {}
}

/// Runs something for a while.
enum TimeLimit {
    /// The result, nil when the time was over first; then the work is cancelled, and has ended when this returns.
    static func run<Result: Sendable>(
        _ limit: Duration, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
