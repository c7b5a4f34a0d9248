import MCollectiveProtocol

/// The plugins that come with the client: those with a description, and one line each for the others.
enum StandardPlugins {
    /// A plugin in a list.
    struct Line: Sendable, Hashable {
        var name: String
        var description: String
    }

    /// The ways to find nodes.
    static let discoveryMethods = StandardDDLs.discoveryMethods.map(\.metadata.name)

    /// The description of a plugin, nil when there is none of this name.
    static func description(_ kind: DDLLibrary.Kind, _ name: String) -> DDL? {
        switch kind {
        case .agent: StandardDDLs.agent(named: name)
        case .data: StandardDDLs.data(named: name)
        case .discovery: StandardDDLs.discovery(named: name)
        }
    }

    /// The names of the plugins of a kind.
    static func names(_ kind: DDLLibrary.Kind) -> [String] {
        switch kind {
        case .agent: StandardDDLs.agents.map(\.metadata.name)
        case .data: StandardDDLs.dataPlugins.map(\.name)
        case .discovery: discoveryMethods
        }
    }

    /// What summaries can be asked for.
    static let aggregates: [Line] = [
        .init(name: "average", description: "Displays the average of a set of numeric values"),
        .init(
            name: "boolean_summary",
            description: "Aggregate function that will transform true/false values into predefined strings."),
        .init(name: "nettest_mma", description: "Max, min, average aggregate function."),
        .init(name: "sum", description: "Determine the total added value of a set of values"),
        .init(name: "summary", description: "Displays the summary of a set of results"),
    ]

    /// How brokers are reached.
    static let connectors: [Line] = [
        .init(name: "activemq", description: "Connector plugin for ActiveMQ middleware"),
        .init(name: "rabbitmq", description: "Connector plugin for RabbitMQ middleware"),
        .init(name: "stomp", description: ""),
    ]

    /// How inputs are checked.
    static let validators: [Line] = [
        .init(name: "array", description: "Validates that a value is included in a list"),
        .init(name: "ipv4address", description: "Validates that a value is an ipv4 address"),
        .init(name: "ipv6address", description: "Validates that a value is an ipv6 address"),
        .init(
            name: "length",
            description: "Validates that the length of a string is less or equal to a specified value"),
        .init(name: "regex", description: "Validates that a string matches a supplied regular expression"),
        .init(name: "shellsafe", description: "Validates that a string is shellsafe"),
        .init(name: "typecheck", description: "Validates that a value is of a certain type"),
    ]
}
