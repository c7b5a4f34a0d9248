package import CollectiveBus
package import Logging
import MCollectiveProtocol
import MusterCore
package import NIOCore

/// Everything that a node needs for its collectives, made of a `server.cfg`.
///
/// ``modules`` are what the node's jobs of other wires can call: the given ones with the actions of agents added.
package struct CollectiveParts: Sendable {
    package let profile: CollectiveProfile
    package let modules: [ExecutionModule]
    private let setup: CollectiveSetup
    private let logger: Logger

    /// - Parameters:
    ///   - file: where the setup was read from.
    ///   - facts: of the machine.
    ///   - readYAML: reads a file that holds a map.
    /// - Throws: `CollectiveNodeError` when the options ask for a plugin of Ruby that keeps callers out.
    package init(
        _ setup: CollectiveSetup, file: String, modules: [ExecutionModule], facts: any FactsProvider, logger: Logger,
        readYAML: @escaping CollectiveFacts.Reader
    ) throws(CollectiveNodeError) {
        let configuration = setup.configuration
        if let provider = configuration.authorization, !["action_policy", "actionpolicy"].contains(provider) {
            throw .unknownAuthorization(provider)
        }
        if let provider = configuration.audit, provider != "logfile" { throw .unknownAudit(provider) }
        if configuration.registration.interval > 0, configuration.registration.plugin != "agentlist" {
            logger.warning(
                "no registration, the plugin is Ruby",
                metadata: ["registration": "\(configuration.registration.plugin)"])
        }
        self.setup = setup
        self.logger = logger
        profile = CollectiveProfile(
            identity: setup.identity, configuration: configuration, configurationFile: file,
            facts: CollectiveFacts(
                files: configuration.factFiles,
                cacheTime: .milliseconds(Int64(min(configuration.factCacheTime, 1e9) * 1000)), own: facts,
                logger: logger, read: readYAML),
            readYAML: readYAML)
        let external = ExternalAgents(configuration.libraryDirectories)
        for (name, finding) in external.findings.sorted(by: { $0.key < $1.key }) {
            guard let reason = finding.refusal(named: name) else { continue }
            logger.warning("agent left out", metadata: ["reason": "\(reason)"])
        }
        let offered = CollectiveAgent.offered(
            configuration, external: external, modules: modules, directory: FileAccess.parent(of: file))
        profile.agents = offered
        let names = Set(modules.map(\.name))
        let standard = Set(CollectiveAgent.standard.map(\.name))
        // What was made of a module is there already. Where policies say who may call what, jobs do not get by them.
        let forJobs =
            setup.configuration.authorization == nil
            ? offered.filter { standard.contains($0.name) || !names.contains($0.name) } : []
        self.modules = ExecutionModule.adding(forJobs, to: modules, profile: profile)
    }

    /// The node, which runs what it is asked in the surroundings of a job runner.
    package func node(
        runner: JobRunner, drainLimit: Duration, on eventLoop: any EventLoop
    ) -> CollectiveNode {
        let configuration = setup.configuration
        let policies = configuration.authorization.map { _ in
            ActionPolicyFiles(configuration, file: profile.configurationFile, logger: logger)
        }
        let audit = configuration.audit.map { _ in
            AuditLog(path: configuration.plugins["rpcaudit.logfile"] ?? AuditLog.standardPath)
        }
        let desk = CollectiveDesk(profile, policies: policies, audit: audit, logger: logger) {
            await runner.context(in: .init(pillar: [:], masters: NoMasters()))
        }
        return CollectiveNode(
            setup, profile: profile, desk: desk, drainLimit: drainLimit, on: eventLoop, logger: logger)
    }
}

/// Why a node does not join its collectives.
package enum CollectiveNodeError: Error, Sendable, Hashable {
    /// `rpcauthprovider` names something that is Ruby: without it callers would come in that it keeps out.
    case unknownAuthorization(String)
    /// `rpcauditprovider` names something that is Ruby.
    case unknownAudit(String)
}

extension CollectiveNodeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownAuthorization(let name):
            "rpcauthprovider '\(name)' is not there: use action_policy, or set rpcauthorization = 0"
        case .unknownAudit(let name): "rpcauditprovider '\(name)' is not there: use logfile, or set rpcaudit = 0"
        }
    }
}
