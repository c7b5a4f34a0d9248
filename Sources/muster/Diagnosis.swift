import CollectiveBus
import DaemonSupport
import MCollectiveProtocol
import MusterCLI
import MusterCore

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
        return details.map { detail in
            ConfigurationFinding(
                file: detail.file, key: detail.key, verdict: .init(detail.verdict), explanation: detail.explanation)
        }
    }

    /// Reads MCollective's `server.cfg`, or any other such file as a client's.
    private static func collective(_ file: String) throws -> [ConfigurationFinding] {
        let isServer = file.split(separator: "/").last?.hasPrefix("server") == true
        do throws(CollectiveSetupError) {
            return try CollectiveSetup.review(file: file, role: isServer ? .node : .client).options.map { option in
                ConfigurationFinding(
                    file: option.file, key: option.key, verdict: .init(option.problem),
                    explanation: option.problem?.reason ?? option.value)
            }
        } catch {
            throw CommandFailure(.configuration, "\(error)")
        }
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
