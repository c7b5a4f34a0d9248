import Glibc
package import MusterCore

/// Where a role's settings are read from.
package struct ConfigurationSource: Sendable, Hashable {
    /// Muster's own file; the role's usual one when nil, which may be missing.
    package var file: String?
    /// A directory with Salt's files instead.
    package var saltDirectory: String?
    /// Settings of the command line, by Muster's keys (with `saltDirectory` also by Salt's), over those of the files.
    package var overrides: ValueMap

    /// Relative paths are those of the current directory; what the files say of paths is then below whole ones.
    package init(file: String? = nil, saltDirectory: String? = nil, overrides: ValueMap = [:]) {
        self.file = file.map(ConfigurationSource.absolute)
        self.saltDirectory = saltDirectory.map(ConfigurationSource.absolute)
        self.overrides = overrides
    }
}

extension ConfigurationSource {
    /// The path from the root. A current directory that is gone leaves it as it is, and opening it says why.
    package static func absolute(_ directory: String) -> String {
        var path = directory
        while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        while path.hasPrefix("./") { path.removeFirst(2) }
        let parent = String(cString: current)
        return path == "." || path.isEmpty ? parent : (parent == "/" ? "" : parent) + "/" + path
    }
}

/// The settings of one role.
package protocol SettingsFile: Sendable, Hashable {
    /// Every key, in the order of the manual.
    static var settings: [Setting<Self>] { get }
    /// The file's name in the configuration directory.
    static var fileName: String { get }
    /// The Salt daemon whose files can be read instead; nil when there is none.
    static var saltRole: SaltRole? { get }

    /// All defaults.
    init(_ directories: Directories)
    /// Fills in what follows from other settings.
    mutating func complete()
    /// What does not fit together: the keys of which one must change, the likeliest first, and why.
    func contradictions() -> [(keys: [String], reason: String)]
}

/// Settings that were read, and what is to be said about the files.
package struct LoadedSettings<Settings: SettingsFile>: Sendable {
    package var settings: Settings
    /// The files read, in order.
    package var files: [String]
    /// What does not stop a start but should be known: unknown and ignored keys of Salt's files, includes without files.
    package var warnings: [ConfigurationProblem]
    /// Salt's own settings as its files have them; empty with Muster's file.
    package var salt: ValueMap
}

extension SettingsFile {
    /// Reads, checks and completes the settings.
    ///
    /// - Throws: `ConfigurationError` with everything that is wrong.
    package static func load(
        _ source: ConfigurationSource, directories: Directories = .current
    ) throws(ConfigurationError) -> LoadedSettings<Self> {
        let reading = SettingsReading<Self>(source, directories)
        guard reading.problems.isEmpty else { throw ConfigurationError(problems: reading.problems) }
        return LoadedSettings(
            settings: reading.settings, files: reading.files, warnings: reading.warnings, salt: reading.salt)
    }

    /// Says about every key that was found what becomes of it, by file and in the order of the files; problems with whole
    /// files have an empty key.
    package static func diagnose(
        _ source: ConfigurationSource, directories: Directories = .current
    ) -> [ConfigurationFindingDetail] {
        SettingsReading<Self>(source, directories).findings
    }
}
