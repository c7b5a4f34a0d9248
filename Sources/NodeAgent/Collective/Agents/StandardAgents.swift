package import MCollectiveProtocol

extension CollectiveAgent {
    /// The agents that Muster brings along, besides `rpcutil`.
    package static var standard: [CollectiveAgent] {
        [.filemgr, .nettest, .package, .puppet, .service, .shell]
    }

    /// Every agent that a node offers, by its options and what lies in its directories.
    ///
    /// - Parameters:
    ///   - modules: what is offered as agents besides, when the options ask for it.
    ///   - directory: of the configuration.
    package static func offered(
        _ configuration: CollectiveConfiguration, external: ExternalAgents, modules: [ExecutionModule],
        directory: String
    ) -> [CollectiveAgent] {
        let activation = AgentActivation(configuration)
        let candidates: [(CollectiveAgent, AgentActivation.Origin)] =
            [(rpcutil, .core)] + standard.map { ($0, .standard) }
            + external.agents(configurationDirectory: directory).map { ($0, .external) }
            + modules.map { (CollectiveAgent($0), .module) }
        var agents: [CollectiveAgent] = []
        for (agent, origin) in candidates where activation.isActive(agent.name, origin) {
            // What `rpcutil.ping` does must not depend on a directory: ours come first.
            if !agents.contains(where: { $0.name == agent.name }) { agents.append(agent) }
        }
        return agents
    }
}
