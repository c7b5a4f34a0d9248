import Glibc
package import MCollectiveProtocol
import MusterCore

/// The operator's own agents: a program `NAME` beside `NAME.json` or `NAME.ddl` in `LIBDIR/mcollective/agent`.
///
/// Ruby is never run: an agent that is there as `NAME.rb` only is named, and left out.
package struct ExternalAgents: Sendable {
    /// What is found of one agent.
    package enum Finding: Sendable, Hashable {
        case runnable(path: String, DDL)
        /// Only its Ruby is there.
        case ruby(path: String)
        /// Why it cannot be used.
        case refused(path: String, reason: String)

        /// Why the agent is left out; nil when it can be run, and for those that Muster brings along without Ruby.
        package func refusal(named name: String) -> String? {
            switch self {
            case .runnable: nil
            case .ruby where StandardDDLs.agent(named: name) != nil || name == Discovery.agent: nil
            case .ruby(let path): "'\(path)' is left out: Ruby is not run"
            case .refused(let path, let reason): "'\(path)' is left out: \(reason)"
            }
        }
    }

    /// What was found, by name.
    package let findings: [String: Finding]

    /// Looks into the directories; the first that has an agent wins.
    ///
    /// - Parameter directories: `libdir`.
    package init(_ directories: [String]) {
        var findings: [String: Finding] = [:]
        for directory in directories.map({ "\($0)/mcollective/agent" }) {
            for file in SystemFiles().names(in: directory).sorted() {
                let parts = file.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
                guard let name = parts.first, Identity.isValid(name), !name.contains("."), parts.count <= 2 else {
                    continue
                }
                switch parts.dropFirst().first {
                case "rb" where findings[name] == nil: findings[name] = .ruby(path: "\(directory)/\(file)")
                case nil:
                    if case .runnable = findings[name] { continue }
                    findings[name] = ExternalAgents.finding("\(directory)/\(file)")
                default: continue
                }
            }
        }
        self.findings = findings.compactMapValues(\.self)
    }

    /// A program, nil when it is no file. Who else than its owner may write it could run anything as the node.
    private static func finding(_ path: String) -> Finding? {
        guard let status = Files.status(path), !status.isDirectory else { return nil }
        guard status.isExecutable else { return .refused(path: path, reason: "it is not executable") }
        guard status.isRegular, [0, getuid()].contains(status.owner) else {
            return .refused(path: path, reason: "it is no file of root's or of the node's own user")
        }
        guard !status.isWritableByOthers else {
            return .refused(path: path, reason: "others than its owner may change it: chmod go-w")
        }
        do {
            if Files.status("\(path).json") != nil {
                return .runnable(path: path, try DDL(json: try Files.read("\(path).json", limitBytes: 1 << 20)))
            }
            guard Files.status("\(path).ddl") != nil else {
                return .refused(path: path, reason: "there is no description \(path).json or \(path).ddl beside it")
            }
            return .runnable(path: path, try DDL(ruby: try Files.read("\(path).ddl", limitBytes: 1 << 20)))
        } catch {
            return .refused(path: path, reason: "its description cannot be read: \(error)")
        }
    }

    /// The agents that can be run, sorted by name.
    ///
    /// - Parameter configurationDirectory: Where `plugin.d/NAME.cfg` of an agent lies.
    package func agents(configurationDirectory: String) -> [CollectiveAgent] {
        findings.sorted { $0.key < $1.key }.compactMap { name, finding in
            guard case .runnable(let path, var ddl) = finding else { return nil }
            // The name of the file is the one that is trusted: it is what policies and activation go by.
            ddl.metadata.name = name
            let program = ExternalAgentProgram(
                path: path, agent: name, configuration: "\(configurationDirectory)/plugin.d/\(name).cfg")
            var actions: [String: CollectiveAgent.Action] = [:]
            for action in ddl.actions { actions[action.name] = { call in try await program.run(call) } }
            return CollectiveAgent(ddl, actions: actions)
        }
    }
}
