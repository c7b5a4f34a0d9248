import Glibc
import MusterCore

/// The configuration of an existing Salt site, read as Salt reads it: `DIR/master` or `DIR/minion`, then what
/// `default_include` and `include` name, later files over earlier ones.
///
/// Included files are merged among themselves (maps key by key, lists joined without repeats) and then replace whole keys
/// of the main file. Globs are relative to the file that names them; `~` works. Not read: templates beside the files,
/// `SALT_MASTER_CONFIG` and its like. A file with broken YAML is a problem where Salt would go on without it.
///
/// Source: Salt 3008, `salt/config/__init__.py`: `load_config`, `include_config`, `prepend_root_dir`,
/// `apply_master_config`, `apply_minion_config`; `salt/utils/dictupdate.py`.
struct SaltConfiguration {
    /// A setting that follows from Salt's keys and defaults together.
    struct Derived {
        var setting: String
        var value: Value
        /// The key of Salt that would change it.
        var key: String
    }

    let directory: String
    let role: SaltRole
    /// As merged, in the order found.
    private(set) var values: ValueMap = [:]
    private(set) var files: [String] = []
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var warnings: [ConfigurationProblem] = []
    /// What a later file, or the command line, says otherwise, with its name.
    private(set) var overridden: [(entry: SourcedValue, by: String)] = []
    /// The file that said a key last.
    private var origins: [String: String] = [:]

    init(directory: String, role: SaltRole) {
        self.directory = ConfigurationSource.absolute(directory)
        self.role = role
        guard Files.status(self.directory)?.isDirectory == true else {
            problems.append(
                .init(file: directory, reason: "no such directory: name the one that holds the '\(role)' file"))
            return
        }
        let main = "\(self.directory)/\(role)"
        if Files.status(main) != nil { read(main) { $0 } }
        let usual = values["default_include"] ?? .string("\(role).d/*.conf")
        let named = values["include"]
        include(usual, from: main, isNamed: false)
        if let named { include(named, from: main, isNamed: true) }
        if files.isEmpty && problems.isEmpty {
            problems.append(
                .init(
                    file: directory,
                    reason: "neither '\(role)' nor '\(role).d/*.conf' is there: name Salt's own directory"))
        }
    }

    /// Every key with its value and its file, by file and in the order found.
    var entries: [SourcedValue] {
        let found = values.map { entry in
            SourcedValue(value: entry.value, file: origins[entry.key.jsonKey] ?? directory, key: entry.key.jsonKey)
        }
        let order = files + ["--set"]
        return order.flatMap { file in found.filter { $0.file == file } }
    }

    /// Puts a value of the command line over those of the files.
    mutating func override(_ key: String, _ value: Value) {
        noteOverride(of: key, by: "--set")
        values[key] = value
        origins[key] = "--set"
    }

    // MARK: Files

    private mutating func include(_ patterns: Value, from file: String, isNamed: Bool) {
        let included = merged(patterns, from: file, isNamed: isNamed, through: [file])
        for (key, value, origin) in included {
            noteOverride(of: key, by: origin)
            values[key] = value
            origins[key] = origin
        }
    }

    private mutating func noteOverride(of key: String, by file: String) {
        guard let value = values[key], let origin = origins[key], origin != file else { return }
        overridden.append((SourcedValue(value: value, file: origin, key: key), file))
    }

    private typealias Entry = (key: String, value: Value, file: String)

    /// What the files that some globs match say together.
    private mutating func merged(_ patterns: Value, from file: String, isNamed: Bool, through path: [String]) -> [Entry]
    {
        var entries: [Entry] = []
        guard let globs = try? SettingValue.texts(patterns.isNull ? [] : patterns) else {
            problems.append(
                .init(file: file, key: "include", reason: "a file name or a list of file names is expected"))
            return []
        }
        for glob in globs where !glob.isEmpty {
            let matches = SaltConfiguration.matches(glob, relativeTo: file)
            if matches.isEmpty && isNamed {
                warnings.append(.init(file: file, key: "include", reason: "'\(glob)' matches no file"))
            }
            for match in matches {
                guard !path.contains(match) else {
                    problems.append(.init(file: file, key: "include", reason: "'\(match)' includes itself"))
                    continue
                }
                var own: [Entry] = []
                read(match) { map in
                    own = map.map { ($0.key.jsonKey, $0.value, match) }
                    return [:]
                }
                if let nested = own.first(where: { $0.key == "include" })?.value {
                    for entry in merged(nested, from: match, isNamed: true, through: path + [match]) {
                        own.removeAll { $0.key == entry.key }
                        own.append(entry)
                    }
                }
                for entry in own {
                    if let index = entries.firstIndex(where: { $0.key == entry.key }) {
                        if entry.value.map == nil, entry.value.array == nil {
                            let earlier = entries[index]
                            overridden.append(
                                (SourcedValue(value: earlier.value, file: earlier.file, key: earlier.key), entry.file))
                        }
                        entries[index].value = SaltConfiguration.merge(entries[index].value, entry.value)
                        entries[index].file = entry.file
                    } else {
                        entries.append(entry)
                    }
                }
            }
        }
        return entries
    }

    /// Reads one file and keeps what `keep` leaves of it as values of the site.
    private mutating func read(_ path: String, keep: (ValueMap) -> ValueMap) {
        files.append(path)
        do {
            let value = try YAMLText.value(try Files.text(path))
            guard let map = value.isNull ? [:] : value.map else {
                problems.append(.init(file: path, reason: "\(value.kindName) where 'key: value' lines are expected"))
                return
            }
            for entry in keep(map) {
                values[entry.key.jsonKey] = entry.value
                origins[entry.key.jsonKey] = path
            }
        } catch {
            problems.append(.init(file: path, reason: "\(error)"))
        }
    }

    /// Salt's `dictupdate.update` with lists merged.
    private static func merge(_ old: Value, _ new: Value) -> Value {
        switch (old, new) {
        case (.map(var old), .map(let new)):
            for entry in new { old[entry.key] = old[entry.key].map { merge($0, entry.value) } ?? entry.value }
            return .map(old)
        case (.array(let old), .array(let new)):
            return .array(old + new.filter { !old.contains($0) })
        default:
            return new
        }
    }

    /// The files a glob matches, sorted.
    private static func matches(_ pattern: String, relativeTo file: String) -> [String] {
        let isAbsolute = pattern.hasPrefix("/") || pattern.hasPrefix("~")
        let directory = file.lastIndex(of: "/").map { file[..<$0] } ?? "."
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(isAbsolute ? pattern : "\(directory)/\(pattern)", GLOB_TILDE, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }.sorted()
    }
}

extension SaltConfiguration {
    /// The text of a key, or its default when it is not given.
    private func text(_ key: String, _ usual: String) -> String {
        guard let value = values[key], !value.isNull, let text = try? SettingValue.text(value) else { return usual }
        return text
    }

    private var rootDirectory: String {
        let root = text("root_dir", "/")
        return root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    }

    /// A path of Salt's configuration with `root_dir` in front, absolute or not, unless it lies below it already.
    func resolve(_ path: String) -> String {
        let root = rootDirectory == "/" ? "" : rootDirectory
        let isBelow = !root.isEmpty && path.hasPrefix(root + "/")
        let whole = isBelow ? path : path.hasPrefix("/") ? root + path : "\(root)/\(path)"
        return whole.count > 1 && whole.hasSuffix("/") ? String(whole.dropLast()) : whole
    }

    /// One of Salt's directories.
    private func directory(_ key: String, _ usual: String) -> String { resolve(text(key, usual)) }

    /// Salt's `sock_dir`, in `cachedir` when its own path is much longer. Salt compares before `root_dir` stands in front.
    private var socketDirectory: String {
        let sockets = text("sock_dir", "/var/run/salt/\(role)")
        let cache = text("cachedir", "/var/cache/salt/\(role)")
        return resolve(sockets.utf8.count > cache.utf8.count + 10 ? cache + "/.salt-unix" : sockets)
    }

    /// What follows from directories and from several keys together.
    var derived: [Derived] {
        let keys = directory("pki_dir", "/etc/salt/pki/\(role)")
        let cache = directory("cachedir", "/var/cache/salt/\(role)")
        var derived = [
            Derived(setting: "key_dir", value: .string(keys), key: "pki_dir"),
            Derived(setting: "state_dir", value: .string(cache + "/muster"), key: "cachedir"),
        ]
        switch role {
        case .master:
            let everywhere = values["ipv6"]?.bool == true ? "::" : "0.0.0.0"
            derived += [
                Derived(setting: "control_socket", value: .string(socketDirectory + "/muster.sock"), key: "sock_dir"),
                Derived(setting: "listen", value: .string(text("interface", everywhere)), key: "interface"),
            ]
            if let hours = values["keep_jobs"], values["keep_jobs_seconds"] == nil,
                let age = try? SaltConversion.hours.apply(hours, self)
            {
                derived.append(Derived(setting: "retention_age", value: age, key: "keep_jobs"))
            }
            if values["master_sign_pubkey"]?.bool == true {
                let name = text("master_sign_key_name", "master_sign")
                derived.append(
                    Derived(
                        setting: "signing_key_file", value: .string("\(keys)/\(name).pem"), key: "master_sign_key_name")
                )
            }
            if values["master_use_pubkey_signature"]?.bool == true {
                let name = text("master_pubkey_signature", "master_pubkey_signature")
                derived.append(
                    Derived(
                        setting: "key_signature_file", value: .string("\(keys)/\(name)"), key: "master_pubkey_signature"
                    ))
            }
        case .minion:
            derived.append(Derived(setting: "facts_file", value: .string(directory + "/grains"), key: "grains"))
            if values["minion_id_caching"]?.bool != false {
                derived.append(
                    Derived(setting: "id_file", value: .string(directory + "/minion_id"), key: "minion_id_caching"))
            }
            if values["verify_master_pubkey_sign"]?.bool == true {
                let name = text("master_sign_key_name", "master_sign")
                derived.append(
                    Derived(
                        setting: "key_signer_file", value: .string("\(keys)/\(name).pub"), key: "master_sign_key_name"))
            }
        }
        return derived
    }
}
