/// The descriptions of the agents, data plugins and discovery methods that Muster brings along, for nodes that serve them
/// and for clients that have no files of them.
///
/// Names, types, lengths, defaults and labels are those of the plugins that fleets run, so that an unchanged `mco` with
/// its own files and ours agree; the words are ours where no client shows them beside its own. Where a plugin names a
/// validator of Ruby code, ours is a pattern that says as much.
///
/// Source: sections 11 and 12 of the protocol reference.
package enum StandardDDLs {
    /// Every agent that is described, sorted by name. The agent `discovery` has no description.
    package static let agents: [DDL] = [
        .filemgrAgent, .nettestAgent, .packageAgent, .puppetAgent, .rpcutilAgent, .serviceAgent, .shellAgent,
    ]

    /// The data plugins, sorted by name; the names in their descriptions are titles.
    package static let dataPlugins: [(name: String, description: DDL)] = [
        ("agent", .agentData), ("collective", .collectiveData), ("fact", .factData), ("fstat", .fstatData),
        ("nettest", .nettestData), ("package", .packageData), ("puppet", .puppetData), ("resource", .resourceData),
        ("service", .serviceData),
    ]

    /// The discovery methods that `mco` has, sorted by name.
    package static let discoveryMethods: [DDL] = [.flatfileDiscovery, .mcDiscovery, .stdinDiscovery]

    /// An agent by its name, nil when it is none of ours.
    package static func agent(named name: String) -> DDL? { agents.first { $0.metadata.name == name } }

    /// A data plugin by its name as it stands in filters, as `fstat`; nil when it is none of ours.
    package static func data(named name: String) -> DDL? { dataPlugins.first { $0.name == name }?.description }

    /// A discovery method by its name, nil when it is none of ours.
    package static func discovery(named name: String) -> DDL? { discoveryMethods.first { $0.metadata.name == name } }
}
