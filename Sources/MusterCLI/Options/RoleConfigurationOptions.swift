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
        for setting in settings where !setting.contains("=") || setting.hasPrefix("=") {
            throw ValidationError("--set takes KEY=VALUE, not '\(setting)'")
        }
        if let logLevel { try Self.checkLevel(logLevel) }
    }

    static func checkLevel(_ level: String) throws {
        guard levels.contains(level) else {
            throw ValidationError("there is no log level '\(level)': take one of \(levels.joined(separator: ", "))")
        }
    }

    /// The options as the executable takes them. Values of settings are read as YAML.
    var role: RoleOptions {
        var overrides: ValueMap = [:]
        for setting in settings {
            guard let equals = setting.firstIndex(of: "=") else { continue }
            overrides[String(setting[..<equals])] = SaltArguments.value(
                String(setting[setting.index(after: equals)...]))
        }
        return RoleOptions(
            configuration: config, saltConfiguration: saltConfig, overrides: overrides, logLevel: logLevel)
    }
}
