import CollectiveBus
import DaemonSupport
import MCollectiveProtocol
import MusterCLI
import MusterCore
import NodeAgent

/// `muster doctor`: every key of a configuration, and what becomes of it.
enum Diagnosis {
    /// Reads the files of a controller, a node or a broker, whichever are there; a Salt directory may hold two.
    static func findings(_ options: RoleOptions) async throws -> [ConfigurationFinding] {
        if let file = options.configuration, file.hasSuffix(".cfg") { return try collective(file) }
        let source = ConfigurationSource(options)
        let details: [ConfigurationFindingDetail]
        if let directory = options.saltConfiguration {
            let has = (
                master: Files.status("\(directory)/master") != nil, minion: Files.status("\(directory)/minion") != nil
            )
            details =
                (has.master || !has.minion ? ControllerSettings.diagnose(source) : [])
                + (has.minion ? NodeSettings.diagnose(source) : [])
        } else if options.configuration?.hasSuffix(NodeSettings.fileName) == true {
            details = NodeSettings.diagnose(source)
        } else if options.configuration?.hasSuffix(BrokerSettings.fileName) == true {
            details = BrokerSettings.diagnose(source)
        } else {
            details = ControllerSettings.diagnose(source)
        }
        let findings = details.map { detail in
            ConfigurationFinding(
                file: detail.file, key: detail.key, verdict: .init(detail.verdict), explanation: detail.explanation)
        }
        // What stops the reading of the settings is among the findings already.
        guard details.contains(where: { $0.key == "mcollective_config" }), let loaded = try? NodeSettings.load(source),
            let file = loaded.settings.collectiveFile
        else { return findings }
        return findings + (try collective(file))
    }

    /// Reads MCollective's `server.cfg`, or any other such file as a client's.
    private static func collective(_ file: String) throws -> [ConfigurationFinding] {
        let isServer = file.split(separator: "/").last?.hasPrefix("server") == true
        do throws(CollectiveSetupError) {
            let options = try CollectiveSetup.review(file: file, role: isServer ? .node : .client).options.map {
                option in
                ConfigurationFinding(
                    file: option.file, key: option.key, verdict: .init(option.problem),
                    explanation: option.problem?.reason ?? option.value)
            }
            return isServer ? options + agents(options) : options
        } catch {
            throw CommandFailure(.configuration, "\(error)")
        }
    }

    /// The agents in the directories of a node that it leaves out.
    private static func agents(_ options: [ConfigurationFinding]) -> [ConfigurationFinding] {
        var findings: [ConfigurationFinding] = []
        for option in options where option.key == "libdir" {
            let agents = ExternalAgents(option.explanation.split(separator: ":").map(String.init)).findings
            for (name, finding) in agents.sorted(by: { $0.key < $1.key }) {
                guard let reason = finding.refusal(named: name) else { continue }
                findings.append(.init(file: option.file, key: option.key, verdict: .ignored, explanation: reason))
            }
        }
        return findings
    }
}

extension ConfigurationFinding.Verdict {
    fileprivate init(_ problem: MCollectiveProtocol.ConfigurationProblem?) {
        switch problem?.kind {
        case nil: self = .understood
        case .unknownKey: self = .unknown
        case .unusedPluginKey, .deprecated, .withoutMeaning, .ignoredLine: self = .ignored
        case .notBoolean, .notNumber, .notOneOf, .notIdentity, .missing: self = .wrong
        }
    }

    fileprivate init(_ verdict: ConfigurationFindingDetail.Verdict) {
        switch verdict {
        case .understood: self = .understood
        case .ignored: self = .ignored
        case .unknown: self = .unknown
        case .wrong: self = .wrong
        }
    }
}
