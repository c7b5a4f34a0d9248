import MCollectiveProtocol
import MusterCore

/// The options that `rpcutil.get_config_item` shows: those of the reference that have a meaning here, under its names.
///
/// Secrets are never shown, where the reference shows the whole of `pluginconf`.
enum ConfigurationItems {
    /// The value of an option, nil when there is none of this name.
    static func value(_ item: String, of profile: CollectiveProfile) -> RubyValue? {
        let configuration = profile.configuration
        return switch item {
        case "identity": .text(profile.identity)
        case "configfile": .text(profile.configurationFile)
        case "configdir": .text(FileAccess.parent(of: profile.configurationFile))
        case "mode": .symbol("server")
        case "main_collective": .text(configuration.mainCollective)
        case "collectives": .texts(configuration.collectives)
        case "connector": .text(configuration.connector.rawValue.capitalizedOnce)
        case "securityprovider": .text(configuration.securityProvider.rawValue.capitalizedOnce)
        case "factsource": "Yaml"
        case "fact_cache_time": number(configuration.factCacheTime)
        case "classesfile": .text(configuration.classesFile)
        case "libdir": .texts(configuration.libraryDirectories)
        case "registration": .text(configuration.registration.plugin.capitalizedOnce)
        case "registerinterval": number(configuration.registration.interval)
        case "registration_collective": configuration.registration.collective.map { .text($0) } ?? .null
        case "registration_splay": .bool(configuration.registration.isSplayed)
        case "direct_addressing": .bool(configuration.directAddressing)
        case "direct_addressing_threshold": .int(Int64(configuration.directAddressingThreshold))
        case "ttl": .int(configuration.ttl)
        case "discovery_timeout": configuration.discoveryTimeout.map(number) ?? .null
        case "default_discovery_method": .text(configuration.discoveryMethod)
        case "default_discovery_options": .texts(configuration.discoveryOptions)
        case "publish_timeout": number(configuration.publishTimeout)
        case "connection_timeout": configuration.connectionTimeout.map(number) ?? .null
        case "default_batch_size": .int(Int64(configuration.batchSize))
        case "default_batch_sleep_time": number(configuration.batchSleepTime)
        case "rpclimitmethod": .symbol(configuration.limitMethod.rawValue)
        case "rpcaudit": .bool(configuration.audit != nil)
        case "rpcauditprovider": .text(configuration.audit?.capitalizedOnce ?? "")
        case "rpcauthorization": .bool(configuration.authorization != nil)
        case "rpcauthprovider": .text(configuration.authorization?.capitalizedOnce ?? "")
        case "activate_agents": .bool(configuration.activatesAgents)
        case "ssl_cipher": .text(configuration.cipher)
        case "loglevel": .text(configuration.logLevel)
        case "logfile": configuration.logFile.map { .text($0) } ?? .null
        case "color": .bool(configuration.color)
        case "pluginconf": plugins(configuration)
        default: nil
        }
    }

    private static func number(_ number: Double) -> RubyValue {
        Int64(exactly: number).map(RubyValue.int) ?? .double(number)
    }

    /// The options of plugins whose names do not tell of a secret.
    private static func plugins(_ configuration: CollectiveConfiguration) -> RubyValue {
        let words = ["psk", "password", "private", "secret", "token"]
        let shown = configuration.plugins.sorted { $0.key < $1.key }.filter { key, _ in
            key == "psk.callertype" || !words.contains { key.lowercased().contains($0) }
        }
        return .hash(shown.map { (.text($0.key), .text($0.value)) })
    }
}

extension String {
    /// As the reference holds names of plugins: the first letter large, the others small.
    fileprivate var capitalizedOnce: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
