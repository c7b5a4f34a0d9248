import MCollectiveProtocol
import MusterCore

extension McoInvocation {
    /// Reads a command line without the name of the application.
    ///
    /// - Parameters:
    ///   - options: What the application takes.
    ///   - presetDiscoveryOptions: Those of the configuration, to which `--do` adds.
    init(
        _ words: [String], options: [RubyOption], presetDiscoveryOptions: [String] = []
    ) throws(McoFailure) {
        let result = try RubyOptionParser(options: options).parse(words)
        self.words = result.words
        discoveryOptions = presetDiscoveryOptions
        for given in result.options where try !takeShared(given.key, given.value) {
            own.append(given)
        }
    }

    /// The configuration file that a command line names, without judging anything else in it.
    static func configurationFile(in words: [String]) -> String? {
        var file: String?
        for (place, word) in words.enumerated() {
            if word == "--" { break }
            if word == "-c" || word == "--config", place + 1 < words.count {
                file = words[place + 1]
            } else if word.hasPrefix("--config=") {
                file = String(word.dropFirst("--config=".count))
            } else if word.hasPrefix("-c"), word.count > 2 {
                file = String(word.dropFirst(2))
            }
        }
        return file
    }

    /// - Returns: Whether the option is one that all applications share.
    private mutating func takeShared(_ key: String, _ value: String) throws(McoFailure) -> Bool {
        switch key {
        case "config": configurationFile = value
        case "verbose": isVerbose = true
        case "quiet": isVerbose = false
        case "help": wantsHelp = true
        case "target": collective = value
        case "discovery-timeout": discoveryTimeout = Int(value)
        case "timeout": timeout = Int(value) ?? timeout
        case "ttl": ttl = Int64(value.prefix { $0.isNumber }) ?? 0
        case "reply-to": replyTo = value
        case "publish-timeout": publishTimeout = Int(value)
        case "connection-timeout": connectionTimeout = Int(value)
        // Publishing never holds receiving up here.
        case "threaded": break
        case "sort": isSorted = true
        default:
            if try takeDiscovery(key, value) { return true }
            if try takeRPC(key, value) { return true }
            return try takeFilter(key, value)
        }
        return true
    }

    private mutating func takeDiscovery(_ key: String, _ value: String) throws(McoFailure) -> Bool {
        switch key {
        case "disc-method":
            guard discoveryMethod == nil || discoveryMethod == value else {
                throw McoFailure("Discovery method is already set by a competing option")
            }
            discoveryMethod = value
        case "disc-option": discoveryOptions.append(value)
        case "nodes":
            guard discoveryMethod == nil, discoveryOptions.isEmpty else {
                throw McoFailure("Cannot mix --disc-method, --disc-option and --nodes")
            }
            guard Files.status(value) != nil else { throw McoFailure("Cannot read the discovery file \(value)") }
            discoveryMethod = "flatfile"
            discoveryOptions.append(value)
        default: return false
        }
        return true
    }

    private mutating func takeRPC(_ key: String, _ value: String) throws(McoFailure) -> Bool {
        switch key {
        case "no-progress": showsProgress = false
        case "one": limit = .count(1)
        case "batch":
            guard let size = McoInvocation.batchSize(value) else {
                throw McoFailure("invalid argument: --batch \(value)")
            }
            // None at all means no batches, as in the original.
            batch = size == .count(0) ? nil : size
        case "batch-sleep": batchSleep = Double(value)
        case "limit-seed": limitSeed = Int64(value).map { UInt32(truncatingIfNeeded: $0.magnitude) }
        case "limit":
            guard let size = NodeLimit.Size(value) else {
                throw McoFailure("Invalid limit specified: \(value) valid limits are /^d+%*$/")
            }
            limit = size
        case "json":
            showsProgress = false
            output = .json
        case "display":
            guard let mode = value == "all" ? .always : DDLAction.Display(rawValue: value) else {
                throw McoFailure("--display has to be one of 'ok', 'all' or 'failed'")
            }
            display = mode
        default: return false
        }
        return true
    }

    /// The size of batches, which may be zero; nil when it is none.
    private static func batchSize(_ text: String) -> NodeLimit.Size? {
        NodeLimit.Size(text) ?? (text == "0" ? .count(0) : nil)
    }

    private mutating func takeFilter(_ key: String, _ value: String) throws(McoFailure) -> Bool {
        let option: Filter.Option
        switch key {
        case "with": option = .with(value)
        case "select": option = .select(value)
        case "fact": option = .fact(value)
        case "class": option = .class(value)
        case "agent-filter": option = .agent(value)
        case "identity": option = .identity(value)
        default: return false
        }
        do { try filter.add(option) } catch { throw McoFailure("\(error)") }
        return true
    }
}
