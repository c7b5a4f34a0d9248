/// Reads options into a ``CollectiveConfiguration``: one place that knows every key.
struct ConfigurationReader {
    private var result = CollectiveConfiguration()
    private var file: String
    private var key = ""
    private var line = 0
    /// Whether `plugin.yaml` and its like were set by a file of `plugin.d`.
    private var pluginLines: [String: (file: String, line: Int)] = [:]
    private var auditIsOn = false
    private var authorizationIsOn = false

    init(file: String) { self.file = file }

    mutating func read(_ text: String) {
        let text = ConfigurationText(text)
        for entry in text.entries {
            (key, line) = (entry.key, entry.line)
            if key.hasPrefix("plugin.") {
                set(plugin: String(key.dropFirst("plugin.".count)), entry.value)
            } else {
                set(entry.value)
            }
        }
        report(ignored: text.ignoredLines)
    }

    mutating func read(plugin: String, _ other: CollectiveConfiguration.File) {
        file = other.name
        let text = ConfigurationText(other.text)
        for entry in text.entries {
            (key, line) = (entry.key, entry.line)
            set(plugin: "\(plugin).\(entry.key)", entry.value)
        }
        report(ignored: text.ignoredLines)
    }

    private mutating func report(ignored lines: [Int]) {
        key = ""
        for number in lines {
            line = number
            report(.ignoredLine)
        }
    }

    private mutating func report(_ kind: ConfigurationProblem.Kind) {
        result.problems.append(ConfigurationProblem(file: file, line: line, key: key, kind: kind))
    }

    private mutating func reportMissing(_ key: String) {
        result.problems.append(ConfigurationProblem(file: file, line: 0, key: key, kind: .missing))
    }

    private mutating func set(plugin name: String, _ value: String) {
        result.plugins[name] = value
        pluginLines[name] = (file, line)
    }

    private mutating func set(_ value: String) {
        switch key {
        case "identity": if Identity.isValid(value) { result.identity = value } else { report(.notIdentity) }
        case "main_collective": result.mainCollective = value
        case "collectives": result.collectives = ConfigurationReader.list(value, separator: ",")
        case "connector": choose(value, \.connector)
        case "securityprovider": chooseSecurity(value)
        case "classesfile": result.classesFile = value
        case "libdir": result.libraryDirectories += ConfigurationReader.list(value, separator: ":")
        case "fact_cache_time": number(value, \.factCacheTime)
        case "registration": result.registration.plugin = value.lowercased()
        case "registerinterval": number(value, \.registration.interval)
        case "registration_collective": result.registration.collective = value
        case "registration_splay": flag(value, \.registration.isSplayed)
        case "direct_addressing": flag(value, \.directAddressing)
        case "direct_addressing_threshold": count(value, \.directAddressingThreshold)
        case "ttl": seconds(value, \.ttl)
        case "discovery_timeout": optionalNumber(value, \.discoveryTimeout)
        case "default_discovery_method": result.discoveryMethod = value
        case "default_discovery_options": result.discoveryOptions.append(value)
        case "publish_timeout": number(value, \.publishTimeout)
        case "connection_timeout": optionalNumber(value, \.connectionTimeout)
        case "default_batch_size": count(value, \.batchSize)
        case "default_batch_sleep_time": number(value, \.batchSleepTime)
        case "rpclimitmethod": choose(value, \.limitMethod)
        case "color", "colour": flag(value, \.color)
        case "rpcaudit": if let isOn = truth(value) { auditIsOn = isOn }
        case "rpcauditprovider": result.audit = value.lowercased()
        case "rpcauthorization": if let isOn = truth(value) { authorizationIsOn = isOn }
        case "rpcauthprovider": result.authorization = value.lowercased()
        case "activate_agents": flag(value, \.activatesAgents)
        case "ssl_cipher": result.cipher = value
        case "loglevel": result.logLevel = value
        case "logfile": result.logFile = value
        case "factsource": if value.lowercased() != "yaml" { report(.notOneOf(["yaml"])) }
        case "topicprefix", "topicsep", "queueprefix", "rpchelptemplate", "helptemplatedir": report(.deprecated)
        case "daemonize", "logger_type", "keeplogs", "max_log_size", "logfacility", "threaded", "soft_shutdown",
            "soft_shutdown_timeout":
            report(.withoutMeaning)
        default: report(.unknownKey)
        }
    }

    /// What the options mean together.
    consuming func finish() -> CollectiveConfiguration {
        if !auditIsOn { result.audit = nil }
        if !authorizationIsOn { result.authorization = nil }
        // What is switched on and not there would keep nobody out, and tell nobody.
        if auditIsOn, result.audit == nil { reportMissing("rpcauditprovider") }
        if authorizationIsOn, result.authorization == nil { reportMissing("rpcauthprovider") }
        if let files = result.plugins["yaml"] { result.factFiles = ConfigurationReader.list(files, separator: ":") }
        for name in result.plugins.keys.sorted() where !PluginKeys.isKnown(name) {
            let place = pluginLines[name] ?? (file, 0)
            result.problems.append(
                ConfigurationProblem(
                    file: place.file, line: place.line, key: "plugin.\(name)", kind: .unusedPluginKey))
        }
        return result
    }

    // MARK: Values

    /// Ruby's reading of a truth in these files, nil for what is none.
    static func truth(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "1", "y", "yes", "t", "true": true
        case "0", "n", "no", "f", "false": false
        default: nil
        }
    }

    private static func list(_ text: String, separator: Character) -> [String] {
        text.split(separator: separator).map { String($0).trimmingBlanks }.filter { !$0.isEmpty }
    }

    private mutating func truth(_ text: String) -> Bool? {
        let truth = ConfigurationReader.truth(text)
        if truth == nil { report(.notBoolean) }
        return truth
    }

    private mutating func flag(_ text: String, _ property: WritableKeyPath<CollectiveConfiguration, Bool>) {
        if let truth = truth(text) { result[keyPath: property] = truth }
    }

    private mutating func number(_ text: String) -> Double? {
        guard let number = Double(text), number >= 0, number.isFinite else {
            report(.notNumber)
            return nil
        }
        return number
    }

    private mutating func number(_ text: String, _ property: WritableKeyPath<CollectiveConfiguration, Double>) {
        if let number = number(text) { result[keyPath: property] = number }
    }

    private mutating func optionalNumber(
        _ text: String, _ property: WritableKeyPath<CollectiveConfiguration, Double?>
    ) {
        if let number = number(text) { result[keyPath: property] = number }
    }

    private mutating func count(_ text: String, _ property: WritableKeyPath<CollectiveConfiguration, Int>) {
        if let number = Int(text), number >= 0 { result[keyPath: property] = number } else { report(.notNumber) }
    }

    private mutating func seconds(_ text: String, _ property: WritableKeyPath<CollectiveConfiguration, Int64>) {
        if let number = Int64(text), number >= 0 { result[keyPath: property] = number } else { report(.notNumber) }
    }

    /// Names are compared without regard to case, as the peers make classes of them.
    private mutating func choose<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String, _ property: WritableKeyPath<CollectiveConfiguration, Choice>
    ) {
        if let choice = Choice(rawValue: text.lowercased()) {
            result[keyPath: property] = choice
        } else {
            report(.notOneOf(Choice.allCases.map(\.rawValue)))
        }
    }

    /// The name of the aes provider is long and often written in two ways.
    private mutating func chooseSecurity(_ text: String) {
        let name = text.lowercased()
        choose(name == "aes" || name == "aessecurity" ? "aes_security" : name, \.securityProvider)
    }
}
