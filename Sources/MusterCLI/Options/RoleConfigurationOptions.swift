import ArgumentParser
import MusterCore

/// What a daemon or a local call is configured by.
struct RoleConfigurationOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
    var config: String?

    @Option(
        help: ArgumentHelp("A directory with Salt's own configuration, as it is.", valueName: "dir"),
        completion: .directory)
    var saltConfig: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting over those of the files; may be repeated.", valueName: "key=value"))
    var settings: [String] = []

    @Option(
        help: ArgumentHelp(
            "What is logged: trace, debug, info, notice, warning, error, critical.", valueName: "level"),
        completion: .list(Self.levels))
    var logLevel: String?

    static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    func validate() throws {
        guard config == nil || saltConfig == nil else {
            throw ValidationError("--config and --salt-config are two configurations: give one of them")
        }
        try Self.checkSettings(settings)
        if let logLevel { try Self.checkLevel(logLevel) }
    }

    static func checkSettings(_ settings: [String]) throws {
        for setting in settings where !setting.contains("=") || setting.hasPrefix("=") {
            throw ValidationError("--set takes KEY=VALUE, not '\(setting)'")
        }
    }

    static func checkLevel(_ level: String) throws {
        guard levels.contains(level) else {
            throw ValidationError("there is no log level '\(level)': take one of \(levels.joined(separator: ", "))")
        }
    }

    /// Settings as they were given. Values are read as YAML.
    static func values(_ settings: [String]) -> ValueMap {
        var values: ValueMap = [:]
        for setting in settings {
            guard let equals = setting.firstIndex(of: "=") else { continue }
            values[String(setting[..<equals])] = SaltArguments.value(String(setting[setting.index(after: equals)...]))
        }
        return values
    }

    /// The options as the executable takes them.
    var role: RoleOptions {
        RoleOptions(
            configuration: config, saltConfiguration: saltConfig, overrides: Self.values(settings), logLevel: logLevel)
    }
}
