import MusterCore

/// A value on its way to a setting, with where it stands.
struct SourcedValue {
    var value: Value
    var file: String
    /// As written in the file.
    var key: String
}

/// One reading of a role's configuration, from whatever source, with everything that can be said about it.
struct SettingsReading<Settings: SettingsFile> {
    private(set) var settings: Settings
    private(set) var files: [String] = []
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var warnings: [ConfigurationProblem] = []
    private(set) var findings: [ConfigurationFindingDetail] = []
    private(set) var salt: ValueMap = [:]
    /// Where each setting was set, for what does not fit together.
    private var origins: [String: SourcedValue] = [:]

    init(_ source: ConfigurationSource, _ directories: Directories) {
        settings = Settings(directories)
        if let directory = source.saltDirectory, let role = Settings.saltRole {
            readSalt(directory, role, overrides: source.overrides)
        } else {
            readOwn(source.file, usual: "\(directories.configuration)/\(Settings.fileName)")
            for entry in source.overrides {
                take(entry.key.jsonKey, SourcedValue(value: entry.value, file: "--set", key: entry.key.jsonKey))
            }
        }
        settings.complete()
        for (keys, reason) in settings.contradictions() {
            let origin = keys.lazy.compactMap { [origins] in origins[$0] }.first
            wrong(
                origin?.file ?? source.saltDirectory ?? source.file ?? "the defaults", origin?.key ?? keys.first, reason
            )
        }
    }

    private mutating func readOwn(_ named: String?, usual: String) {
        let path = named ?? usual
        guard named != nil || Files.status(path) != nil else { return }
        files.append(path)
        do {
            switch try YAMLText.value(try Files.text(path)) {
            case .null: break
            case .map(let map):
                for entry in map {
                    take(entry.key.jsonKey, SourcedValue(value: entry.value, file: path, key: entry.key.jsonKey))
                }
            case let other: wrong(path, nil, "\(other.kindName) where 'key: value' lines are expected")
            }
        } catch let error as FileError {
            wrong(path, nil, "cannot be read: \(error.reason)")
        } catch {
            wrong(path, nil, "\(error)")
        }
    }

    private mutating func readSalt(_ directory: String, _ role: SaltRole, overrides: ValueMap) {
        var configuration = SaltConfiguration(directory: directory, role: role)
        let table = role.table
        var own: [(key: String, value: Value)] = []
        for entry in overrides {
            let key = entry.key.jsonKey
            if table.entry(key) != nil {
                configuration.override(key, entry.value)
            } else {
                own.append((key, entry.value))
            }
        }
        files = configuration.files
        for problem in configuration.problems { wrong(problem.file, problem.key, problem.reason) }
        warnings += configuration.warnings
        salt = configuration.values
        for entry in configuration.entries {
            switch table.entry(entry.key) {
            case .understood(let translation): translate(entry, translation, configuration)
            case .ignored(let reason):
                findings.append(.init(file: entry.file, key: entry.key, verdict: .ignored, explanation: reason))
            case nil where entry.key.contains("."):
                findings.append(
                    .init(
                        file: entry.file, key: entry.key, verdict: .ignored,
                        explanation: "belongs to a returner or module of Salt: not used"))
            case nil:
                let suggestion = table.nearest(entry.key).map { ": is '\($0)' meant?" } ?? ""
                let reason = "Salt 3008 does not know it either" + suggestion
                findings.append(.init(file: entry.file, key: entry.key, verdict: .unknown, explanation: reason))
                warnings.append(.init(file: entry.file, key: entry.key, reason: "unknown, " + reason))
            }
        }
        for (entry, file) in configuration.overridden {
            findings.append(
                .init(file: entry.file, key: entry.key, verdict: .ignored, explanation: "overridden by \(file)"))
        }
        findings =
            files.flatMap { file in findings.filter { $0.file == file } } + findings.filter { !files.contains($0.file) }
        for derived in configuration.derived where origins[derived.setting] == nil {
            take(derived.setting, SourcedValue(value: derived.value, file: directory, key: derived.key), isFound: false)
        }
        for (key, value) in own { take(key, SourcedValue(value: value, file: "--set", key: key)) }
    }

    private mutating func translate(
        _ entry: SourcedValue, _ translation: SaltTranslation, _ configuration: SaltConfiguration
    ) {
        guard !entry.value.isNull else {
            findings.append(
                .init(file: entry.file, key: entry.key, verdict: .understood, explanation: "empty: the default applies")
            )
            return
        }
        if let text = entry.value.string, text.hasPrefix("sdb://") {
            wrong(entry.file, entry.key, "sdb:// is not looked up: write the value itself")
            return
        }
        switch translation {
        case .structure(let meaning):
            findings.append(.init(file: entry.file, key: entry.key, verdict: .understood, explanation: meaning))
        case .setting(let setting, let conversion):
            do {
                var entry = entry
                entry.value = try conversion.apply(entry.value, configuration)
                take(setting, entry)
            } catch {
                wrong(entry.file, entry.key, error.reason)
            }
        }
    }

    /// Puts one value where it belongs.
    ///
    /// - Parameter isFound: false for what no file says, which is not reported as a finding.
    private mutating func take(_ key: String, _ source: SourcedValue, isFound: Bool = true) {
        guard let setting = Settings.settings.first(where: { $0.key == key }) else {
            let suggestion = Nearest.name(to: key, in: Settings.settings.map(\.key)).map { ": is '\($0)' meant?" } ?? ""
            wrong(source.file, source.key, "there is no such setting" + suggestion)
            return
        }
        if let earlier = origins[key] { overridden(earlier, by: source.file) }
        origins[key] = source
        do {
            if !source.value.isNull { try setting.set(source.value, &settings) }
        } catch {
            wrong(source.file, source.key, error.reason)
            return
        }
        guard isFound else { return }
        let explanation = source.key == key ? setting.meaning : "becomes \(key): \(setting.meaning)"
        findings.append(.init(file: source.file, key: source.key, verdict: .understood, explanation: explanation))
    }

    /// Says of what was found earlier that it does not count.
    private mutating func overridden(_ earlier: SourcedValue, by file: String) {
        for index in findings.indices where findings[index].file == earlier.file && findings[index].key == earlier.key {
            findings[index].verdict = .ignored
            findings[index].explanation = "overridden by \(file)"
        }
    }

    private mutating func wrong(_ file: String, _ key: String?, _ reason: String) {
        problems.append(.init(file: file, key: key, reason: reason))
        findings.removeAll { $0.file == file && $0.key == key }
        findings.append(.init(file: file, key: key ?? "", verdict: .wrong, explanation: reason))
    }
}
