package import MCollectiveProtocol

/// Which agents a node offers.
///
/// `activate_agents` and `plugin.AGENT.activate_agent` say it as for the peers. Two kinds of agents are off until somebody
/// asks for them, since `mcollectived` has them only where an operator put them: `shell`, and the agents that are made of
/// Muster's modules (`cmd` among them). They are on when the option of their name says so, or for modules
/// `plugin.muster_modules.activate_agent`; a DDL in a `libdir` is not enough, since clients need those, too.
package struct AgentActivation: Sendable {
    /// Where an agent comes from.
    package enum Origin: Sendable, Hashable {
        /// Always there, as in `mcollectived`.
        case core
        /// One of those that Muster brings along.
        case standard
        /// Made of a module.
        case module
        /// The operator's own.
        case external
    }

    private let configuration: CollectiveConfiguration

    package init(_ configuration: CollectiveConfiguration) { self.configuration = configuration }

    /// Whether an agent is offered.
    package func isActive(_ name: String, _ origin: Origin) -> Bool {
        if let choice = configuration.pluginFlag("\(name).activate_agent") { return choice }
        guard configuration.activatesAgents || origin == .core else { return false }
        switch origin {
        case .core, .external: return true
        case .standard: return name != "shell"
        case .module: return configuration.pluginFlag("muster_modules.activate_agent") ?? false
        }
    }
}
