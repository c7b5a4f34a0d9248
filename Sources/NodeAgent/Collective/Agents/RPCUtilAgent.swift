import Glibc
import MCollectiveProtocol
import MusterCore

extension CollectiveAgent {
    /// `rpcutil`: what every node can be asked about itself.
    ///
    /// Source: MCollective 2.12, `agent/rpcutil.rb`.
    package static let rpcutil = CollectiveAgent(
        StandardDDLs.agent(named: "rpcutil") ?? DDL(),
        actions: [
            "ping": { _ in RubyHash(outputs: ["pong": .int(Timestamp.now.seconds)]) },
            "inventory": RPCUtilAgent.inventory,
            "get_fact": { call in
                let name = call.text("fact") ?? ""
                let facts = await call.context.profile.facts.facts()
                return RubyHash(outputs: ["fact": .text(name), "value": RubyValue(facts[name] ?? .null)])
            },
            "get_facts": { call in
                let facts = await call.context.profile.facts.facts()
                let names = (call.text("facts") ?? "").split(separator: ",").map(\.trimmed)
                let values = names.map { (RubyValue.text($0), RubyValue(facts[$0] ?? .null)) }
                return RubyHash(outputs: ["values": .hash(values)])
            },
            "daemon_stats": RPCUtilAgent.statistics,
            "agent_inventory": RPCUtilAgent.agents,
            "get_config_item": { call in
                let item = call.text("item") ?? ""
                guard let value = ConfigurationItems.value(item, of: call.context.profile) else {
                    throw ActionFailure("Unknown config property \(item)")
                }
                return RubyHash(outputs: ["item": .text(item), "value": value])
            },
            "collective_info": { call in
                let configuration = call.context.profile.configuration
                return RubyHash(outputs: [
                    "main_collective": .text(configuration.mainCollective),
                    "collectives": .texts(configuration.collectives),
                ])
            },
            "get_data": { call in
                let data = DataCall(call.text("source") ?? "", call.text("query"))
                return try await call.context.profile.data(data, in: call.context)
            },
        ])
}

extension RubyValue {
    /// A list of texts.
    static func texts(_ texts: [String]) -> RubyValue { .array(texts.map { .text($0) }) }
}

private enum RPCUtilAgent {
    static let version: RubyValue = .text("Muster \(Muster.version)")

    @Sendable static func inventory(_ call: ActionCall) async throws -> RubyHash {
        let profile = call.context.profile
        return RubyHash(outputs: [
            "agents": .texts(profile.agentNames), "facts": RubyValue(.map(await profile.facts.facts())),
            "classes": .texts(profile.classes()), "version": version,
            "main_collective": .text(profile.configuration.mainCollective),
            "collectives": .texts(profile.configuration.collectives),
            "data_plugins": .texts(profile.dataPlugins.map { "\($0.name)_data" }.sorted()),
        ])
    }

    @Sendable static func agents(_ call: ActionCall) async throws -> RubyHash {
        var described: [(name: String, metadata: DDL.Metadata)] = call.context.profile.agents.map {
            ($0.name, $0.description.metadata)
        }
        var discovery = DDL.Metadata()
        discovery.name = Discovery.agent
        discovery.description = "Discovery Agent"
        discovery.timeout = 5
        discovery.version = Muster.version
        described.append((Discovery.agent, discovery))
        let agents = described.sorted { $0.name < $1.name }.map { name, metadata -> RubyValue in
            .hash(
                RubyHash(outputs: [
                    "agent": .text(name), "license": .text(metadata.license), "timeout": metadata.timeoutValue,
                    "description": .text(metadata.description), "name": .text(metadata.name),
                    "url": .text(metadata.url),
                    "version": .text(metadata.version), "author": .text(metadata.author),
                ]))
        }
        return RubyHash(outputs: ["agents": .array(agents)])
    }

    @Sendable static func statistics(_ call: ActionCall) async throws -> RubyHash {
        let profile = call.context.profile
        let counters = profile.counters
        return RubyHash(outputs: [
            "threads": .texts(threads), "agents": .texts(profile.agentNames), "pid": .int(Int64(getpid())),
            "times": .hash(times), "configfile": .text(profile.configurationFile), "version": version,
            "validated": .int(Int64(counters.validated)), "unvalidated": .int(Int64(counters.unvalidated)),
            "passed": .int(Int64(counters.passed)), "filtered": .int(Int64(counters.filtered)),
            "starttime": .int(profile.startedAt.seconds), "total": .int(Int64(counters.total)),
            "ttlexpired": .int(Int64(counters.expired)), "replies": .int(Int64(counters.replies)),
        ])
    }

    /// The threads of the process by the names that the kernel has for them.
    private static var threads: [String] {
        let files = SystemFiles()
        return files.names(in: "/proc/self/task").compactMap { id in
            files.text("/proc/self/task/\(id)/comm").map { "\($0.trimmed) (\(id))" }
        }
    }

    /// Processor time of the process and of the programs that it ran, in seconds.
    private static var times: RubyHash {
        func seconds(_ time: timeval) -> RubyValue { .double(Double(time.tv_sec) + Double(time.tv_usec) / 1e6) }
        var own = rusage()
        var children = rusage()
        getrusage(RUSAGE_SELF.rawValue, &own)
        getrusage(RUSAGE_CHILDREN.rawValue, &children)
        return RubyHash(outputs: [
            "utime": seconds(own.ru_utime), "stime": seconds(own.ru_stime), "cutime": seconds(children.ru_utime),
            "cstime": seconds(children.ru_stime),
        ])
    }
}
