import MusterCore

/// Which of Salt's daemons a configuration directory is read for.
package enum SaltRole: String, Sendable, Hashable {
    case master, minion

    /// What is known of every key of Salt 3008 for this daemon.
    package var table: SaltKeyTable {
        switch self {
        case .master: .master
        case .minion: .minion
        }
    }
}

/// What becomes of Salt's keys.
package struct SaltKeyTable: Sendable {
    package enum Entry: Sendable {
        case understood(SaltTranslation)
        /// With the reason.
        case ignored(String)
    }

    private let entries: [String: Entry]

    /// - Parameter ignored: reasons, each with the keys it is true of, separated by white space.
    init(understood: [String: SaltTranslation], ignored: [(reason: String, keys: String)]) {
        var entries = understood.mapValues(Entry.understood)
        for (reason, keys) in ignored {
            for key in keys.split(whereSeparator: \.isWhitespace) { entries[String(key)] = .ignored(reason) }
        }
        self.entries = entries
    }

    /// Nil for a key that Salt does not know either.
    package func entry(_ key: String) -> Entry? { entries[key] }

    /// Every key, sorted.
    package var keys: [String] { entries.keys.sorted() }

    func nearest(_ key: String) -> String? { Nearest.name(to: key, in: entries.keys) }
}

/// How one of Salt's keys becomes Muster's.
package enum SaltTranslation: Sendable {
    /// It shapes the reading itself, or several settings: what it does.
    case structure(String)
    /// It becomes the value of one of Muster's settings.
    case setting(String, SaltConversion = .same)
}

/// How the value of one of Salt's keys becomes that of a setting.
package enum SaltConversion: Sendable {
    case same
    case hours
    case minutes
    case milliseconds
    /// Below `root_dir` unless it is absolute.
    case path
    /// Salt's names of log levels.
    case logLevel
    /// Zero and less mean no limit in Salt: the setting's own default then.
    case positive
    /// The oldest version taken: version 2 only when it is allowed.
    case allowsVersion2
}

extension SaltConversion {
    func apply(_ value: Value, _ configuration: SaltConfiguration) throws(SettingRefusal) -> Value {
        switch self {
        case .same: return value
        case .hours: return try SaltConversion.seconds(value, unit: 3600)
        case .minutes: return try SaltConversion.seconds(value, unit: 60)
        case .milliseconds: return try SaltConversion.seconds(value, unit: 0.001)
        case .path: return .string(configuration.resolve(try SettingValue.text(value)))
        case .logLevel:
            let text = try SettingValue.text(value).lowercased()
            let levels = [
                "all": "trace", "garbage": "trace", "profile": "debug", "warn": "warning", "fatal": "critical",
                "quiet": "critical",
            ]
            return .string(levels[text] ?? text)
        case .positive:
            guard let number = value.int ?? value.string.flatMap({ Int64($0) }) else {
                throw .expected("a whole number", value)
            }
            return number > 0 ? .int(number) : .null
        case .allowsVersion2:
            guard let number = value.int ?? value.string.flatMap({ Int64($0) }) else {
                throw .expected("a whole number", value)
            }
            return .bool(number < 3)
        }
    }

    private static func seconds(_ value: Value, unit: Double) throws(SettingRefusal) -> Value {
        guard let number = value.double ?? value.string.flatMap({ Double($0) }) else {
            throw .expected("a number", value)
        }
        return .double(number * unit)
    }
}
