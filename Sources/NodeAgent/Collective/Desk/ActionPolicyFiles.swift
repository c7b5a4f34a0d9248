package import Logging
package import MCollectiveProtocol
import MusterCore

/// The policies in the directory `policies` beside the configuration: `AGENT.policy`, and `groups`.
///
/// Read at each call, as the reference does, so that a change counts at once.
package struct ActionPolicyFiles: Sendable {
    /// What the caller is told, whatever the reason.
    package static let refusal = "You are not authorized to call this agent or action."

    private let directory: String
    private let allowsUnconfigured: Bool
    /// The policy of agents that have none, when there is to be one.
    private let defaultName: String?
    private let logger: Logger

    package init(_ configuration: CollectiveConfiguration, file: String, logger: Logger) {
        directory = FileAccess.parent(of: file) + "/policies"
        allowsUnconfigured = configuration.pluginFlag("actionpolicy.allow_unconfigured") ?? false
        let hasDefault = configuration.pluginFlag("actionpolicy.enable_default") ?? false
        defaultName = hasDefault ? configuration.plugins["actionpolicy.default_name"] ?? "default" : nil
        self.logger = logger
    }

    /// Whether a caller may call an action of an agent of this node.
    package func allows(
        _ request: CollectiveRequest, action: String, profile: CollectiveProfile, in context: CollectiveContext
    ) async -> Bool {
        // The name of the agent is one of those that are loaded, so it is safe as a part of a path.
        let names = [request.agent, defaultName].compactMap(\.self)
        guard let file = names.map({ "\(directory)/\($0).policy" }).first(where: { FileStatus($0) != nil }) else {
            return allowsUnconfigured
        }
        guard let text = try? FileAccess.text(file) else {
            logger.error("policy cannot be read, everything is refused", metadata: ["file.path": "\(file)"])
            return false
        }
        // The file is optional; one that is there and cannot be read might name who is kept out.
        let groups = "\(directory)/groups"
        guard let members = FileStatus(groups) == nil ? "" : try? FileAccess.text(groups) else {
            logger.error("groups cannot be read, everything is refused", metadata: ["file.path": "\(groups)"])
            return false
        }
        let policy = ActionPolicy(text, groups: members)
        if !policy.unreadableLines.isEmpty {
            logger.warning(
                "lines of a policy are no rules",
                metadata: ["file.path": "\(file)", "lines": "\(policy.unreadableLines)"])
        }
        let subject = await profile.subject(asking: policy.calls, in: context)
        let verdict = policy.verdict(
            caller: request.callerID.description, action: action, subject: subject,
            allowsByDefault: allowsUnconfigured)
        guard case .denied(let line) = verdict else { return true }
        logger.info(
            "call refused by policy",
            metadata: [
                "collective.caller": "\(request.callerID)", "collective.agent": "\(request.agent)",
                "collective.action": "\(action)", "file.path": "\(file)",
                "line": "\(line.map(String.init) ?? "default")",
            ])
        return false
    }
}
