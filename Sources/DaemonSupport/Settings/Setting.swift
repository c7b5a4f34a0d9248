package import MusterCore

/// One key of a settings file: how it is written, what it means, and where its value goes.
///
/// The lists of these are the single description of the files: reading, `muster doctor` and the manual use them.
package struct Setting<Settings: Sendable>: Sendable {
    package let key: String
    /// What it is for, with what gets worse when a number is raised or lowered.
    package let meaning: String
    /// How a value looks: `a duration`, `a port`.
    package let form: String
    /// Puts a value in; throws what is wrong with it.
    let set: @Sendable (Value, inout Settings) throws(SettingRefusal) -> Void
    /// The value as it would be written.
    package let show: @Sendable (Settings) -> Value
}

/// Why a value cannot be taken, with the remedy.
struct SettingRefusal: Error, Hashable {
    var reason: String
}

extension Setting {
    typealias Path<Property> = any WritableKeyPath<Settings, Property> & Sendable

    static func flag(_ key: String, _ path: Path<Bool>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "true or false",
            set: { value, settings throws(SettingRefusal) in
                guard let flag = value.bool else { throw .expected("true or false", value) }
                settings[keyPath: path] = flag
            }, show: { .bool($0[keyPath: path]) })
    }

    static func count(
        _ key: String, _ path: Path<Int>, in range: ClosedRange<Int>, _ meaning: String, form: String = "a whole number"
    ) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "\(form) from \(range.lowerBound) to \(range.upperBound)",
            set: { value, settings throws(SettingRefusal) in
                settings[keyPath: path] = try SettingValue.number(value, in: range, form: form)
            }, show: { .int(Int64($0[keyPath: path])) })
    }

    static func port(_ key: String, _ path: Path<Int>, _ meaning: String) -> Setting {
        count(key, path, in: 0...65_535, meaning, form: "a port")
    }

    /// Seconds, or a number with one of the units ms, s, m, h, d.
    static func duration(_ key: String, _ path: Path<Duration>, in range: ClosedRange<Duration>, _ meaning: String)
        -> Setting
    {
        Setting(
            key: key, meaning: meaning,
            form: "a duration from \(SettingValue.text(range.lowerBound)) to \(SettingValue.text(range.upperBound))",
            set: { value, settings throws(SettingRefusal) in
                settings[keyPath: path] = try SettingValue.duration(value, in: range)
            }, show: { .string(SettingValue.text($0[keyPath: path])) })
    }

    /// The same, with 0 for none.
    static func limit(_ key: String, _ path: Path<Duration?>, upTo most: Duration, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "a duration up to \(SettingValue.text(most)), 0 for none",
            set: { value, settings throws(SettingRefusal) in
                let duration = try SettingValue.duration(value, in: .zero...most)
                settings[keyPath: path] = duration == .zero ? nil : duration
            }, show: { .string(SettingValue.text($0[keyPath: path] ?? .zero)) })
    }

    /// Bytes, or a number with one of the units KiB, MiB, GiB, TiB.
    static func bytes(_ key: String, _ path: Path<Int>, in range: ClosedRange<Int>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning,
            form:
                "a size from \(SettingValue.text(bytes: range.lowerBound)) to \(SettingValue.text(bytes: range.upperBound))",
            set: { value, settings throws(SettingRefusal) in
                settings[keyPath: path] = try SettingValue.bytes(value, in: range)
            }, show: { .string(SettingValue.text(bytes: $0[keyPath: path])) })
    }

    /// The same, with 0 for none.
    static func bytesLimit(_ key: String, _ path: Path<Int?>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "a size, 0 for none",
            set: { value, settings throws(SettingRefusal) in
                let bytes = try SettingValue.bytes(value, in: 0...(1 << 50))
                settings[keyPath: path] = bytes == 0 ? nil : bytes
            }, show: { .string(SettingValue.text(bytes: $0[keyPath: path] ?? 0)) })
    }

    static func text(_ key: String, _ path: Path<String>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "text",
            set: { value, settings throws(SettingRefusal) in
                settings[keyPath: path] = try SettingValue.text(value)
            }, show: { .string($0[keyPath: path]) })
    }

    static func optionalText(_ key: String, _ path: Path<String?>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "text",
            set: { value, settings throws(SettingRefusal) in
                let text = try SettingValue.text(value)
                settings[keyPath: path] = text.isEmpty ? nil : text
            }, show: { $0[keyPath: path].map(Value.string) ?? .null })
    }

    /// A whole path, from `/`.
    static func path(_ key: String, _ path: Path<String>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "a whole path",
            set: { value, settings throws(SettingRefusal) in
                settings[keyPath: path] = try SettingValue.path(value)
            }, show: { .string($0[keyPath: path]) })
    }

    static func optionalPath(_ key: String, _ path: Path<String?>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "a whole path",
            set: { value, settings throws(SettingRefusal) in
                settings[keyPath: path] = value == "" ? nil : try SettingValue.path(value)
            }, show: { $0[keyPath: path].map(Value.string) ?? .null })
    }

    /// One text or a list of texts.
    static func texts(_ key: String, _ path: Path<[String]>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "text or a list of texts",
            set: { value, settings throws(SettingRefusal) in
                settings[keyPath: path] = try SettingValue.texts(value)
            }, show: { .array($0[keyPath: path].map(Value.string)) })
    }

    static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
        _ key: String, _ path: Path<Choice>, _ meaning: String
    ) -> Setting where Choice.RawValue == String {
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        return Setting(
            key: key, meaning: meaning, form: "one of \(names)",
            set: { value, settings throws(SettingRefusal) in
                guard let text = value.string, let choice = Choice(rawValue: text) else {
                    throw .expected("one of \(names)", value)
                }
                settings[keyPath: path] = choice
            }, show: { .string($0[keyPath: path].rawValue) })
    }

    static func map(_ key: String, _ path: Path<ValueMap>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "a map",
            set: { value, settings throws(SettingRefusal) in
                guard let map = value.map else { throw .expected("a map", value) }
                settings[keyPath: path] = map
            }, show: { .map($0[keyPath: path]) })
    }

    /// On, off, or an address.
    static func embeddedBroker(_ key: String, _ path: Path<EmbeddedBroker>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "on, off, or an address",
            set: { value, settings throws(SettingRefusal) in
                // YAML reads on and off as true and false.
                if let flag = value.bool {
                    settings[keyPath: path] = flag ? .on : .off
                } else {
                    settings[keyPath: path] = .at(try SettingValue.text(value))
                }
            },
            show: { settings in
                switch settings[keyPath: path] {
                case .off: .bool(false)
                case .on: .bool(true)
                case .at(let text): .string(text)
                }
            })
    }

    /// Compound expressions by name.
    static func nodegroups(_ key: String, _ path: Path<[String: String]>, _ meaning: String) -> Setting {
        Setting(
            key: key, meaning: meaning, form: "a map of compound expressions by name",
            set: { value, settings throws(SettingRefusal) in
                settings[keyPath: path] = try SettingValue.nodegroups(value)
            },
            show: { settings in
                let groups = settings[keyPath: path].sorted { $0.key < $1.key }
                return .map(ValueMap(groups.map { (key: .string($0.key), value: .string($0.value)) }))
            })
    }
}

extension SettingRefusal {
    static func expected(_ form: String, _ value: Value) -> SettingRefusal {
        SettingRefusal(reason: "\(value.kindName) where \(form) is expected")
    }
}
