import MusterCore

extension ExecutionModule {
    /// Salt's `config`: what the node's configuration, facts and pillar say about a key.
    package static let config = ExecutionModule(
        "config", summary: "Read the node's configuration, facts and pillar by key", functions: ConfigModule.functions)
}

/// Source: Salt 3008, `salt/modules/config.py`.
private enum ConfigModule {
    static let functions: [ModuleFunction] = [
        ModuleFunction(
            "get",
            "Return a value of the configuration, else of the facts, the pillar, the master's configuration.\n\nCLI Example:\n\n    salt '*' config.get pkg:apache",
            parameters: [
                .required("key"), .optional("default", ""), .optional("delimiter", ":"), .optional("merge"),
                .optional("omit_opts", false), .optional("omit_pillar", false), .optional("omit_master", false),
                .optional("omit_grains", false),
            ]
        ) { arguments, context in
            let sources = await sources(arguments, context)
            let key = arguments.text("key")
            let delimiter = arguments.text("delimiter")
            guard arguments["merge"].isNull else {
                let recurses = arguments.text("merge") != "overwrite"
                let all = await Self.sources(nil, context).reversed().reduce(into: defaults) { merged, source in
                    merged = merging(merged, source, recurses: recurses)
                }
                return FunctionResult(
                    FactPath.value(at: key, in: .map(all), delimiter: delimiter) ?? arguments["default"])
            }
            for source in sources + [defaults] {
                if let value = FactPath.value(at: key, in: .map(source), delimiter: delimiter) {
                    return FunctionResult(value)
                }
            }
            return FunctionResult(arguments["default"])
        },
        ModuleFunction(
            "option",
            "Return a value of the configuration, else of the facts or the pillar; no nested keys. With wildcard, all that match.\n\nCLI Example:\n\n    salt '*' config.option redis.host",
            parameters: [
                .required("value"), .optional("default"), .optional("omit_opts", false),
                .optional("omit_grains", false),
                .optional("omit_pillar", false), .optional("omit_master", false), .optional("omit_all", false),
                .optional("wildcard", false),
            ]
        ) { arguments, context in
            let key = arguments.text("value")
            let sources = arguments.isTrue("omit_all") ? [] : await sources(arguments, context)
            guard arguments.isTrue("wildcard") else {
                let found = (sources + [defaults]).lazy.compactMap { $0[key] }.first
                return FunctionResult(found ?? (arguments["default"].isNull ? "" : arguments["default"]))
            }
            let glob = Glob(key)
            var found = ValueMap()
            for source in [defaults] + sources.reversed() {
                for entry in source where glob.matches(entry.key.argumentText) { found[entry.key] = entry.value }
            }
            let fallback = arguments["default"].isNull ? Value.map([:]) : arguments["default"]
            return FunctionResult(found.isEmpty ? fallback : .map(found))
        },
        ModuleFunction(
            "merge",
            "Return a value merged from configuration, master's configuration and pillar.\n\nCLI Example:\n\n    salt '*' config.merge schedule",
            parameters: [
                .required("value"), .optional("default", ""), .optional("omit_opts", false),
                .optional("omit_master", false),
                .optional("omit_pillar", false),
            ]
        ) { arguments, context in
            let key = arguments.text("value")
            let candidates: [(String, ValueMap)] = [
                ("omit_opts", context.configuration), ("omit_master", context.pillar["master"]?.map ?? [:]),
                ("omit_pillar", context.pillar),
            ]
            var result: Value?
            for (omission, source) in candidates where !arguments.isTrue(omission) {
                guard let next = source[key] else { continue }
                switch (result, next) {
                case (nil, _): result = next
                case (.map(let first)?, .map(var second)):
                    second.merge(first)
                    result = .map(second)
                case (.array(let first)?, .array(let second)): result = .array(first + second)
                default: break
                }
                if case .string? = result { break }
            }
            return FunctionResult(result ?? defaults[key] ?? arguments["default"])
        },
        ModuleFunction("items", "Return the whole configuration of the node.") { _, context in
            FunctionResult(.map(context.configuration))
        },
        ModuleFunction(
            "dot_vals",
            "Return the configuration whose keys begin with a name and a dot.\n\nCLI Example:\n\n    salt '*' config.dot_vals host",
            parameters: [.required("value")]
        ) { arguments, context in
            let prefix = arguments.text("value") + "."
            var found = ValueMap()
            for source in [context.pillar["master"]?.map ?? [:], context.configuration] {
                for entry in source where entry.key.string?.hasPrefix(prefix) == true { found[entry.key] = entry.value }
            }
            return FunctionResult(.map(found))
        },
        ModuleFunction(
            "valid_fileproto",
            "Whether a URI has a protocol that files can be fetched by.\n\nCLI Example:\n\n    salt '*' config.valid_fileproto salt://path/to/file",
            parameters: [.required("uri")]
        ) { arguments, _ in
            let scheme = arguments.text("uri").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)[0]
            return FunctionResult(.bool(["salt", "http", "https", "ftp", "s3", "swift"].contains(scheme.lowercased())))
        },
        ModuleFunction(
            "backup_mode", "Return the backup mode, the argument's or the configured one.",
            parameters: [.optional("backup", "")]
        ) { arguments, context in
            FunctionResult(
                arguments["backup"].isTruthy ? arguments["backup"] : context.configuration["backup_mode"] ?? "")
        },
        ModuleFunction(
            "manage_mode", "Return a file mode as text, without a leading octal mark.", parameters: [.required("mode")]
        ) { arguments, _ in
            guard let text = arguments.optionalText("mode") else { return FunctionResult(.null) }
            let digits = text.hasPrefix("0o") ? String(text.dropFirst(2)) : text
            return FunctionResult(.string(digits.count == 3 ? "0" + digits : digits))
        },
    ]

    /// Salt's defaults that are not in the configuration, of the functions that outlived their modules.
    private static let defaults: ValueMap = [
        "mongo.db": "salt", "mongo.password": "", "mongo.port": 27017, "mongo.user": "", "redis.db": "0",
        "redis.host": "salt", "redis.port": 6379, "test.foo": "unconfigured", "ca.cert_base_path": "/etc/pki",
        "solr.cores": [], "solr.host": "localhost", "solr.port": "8983", "solr.baseurl": "/solr", "solr.type": "master",
        "ldap.uri": "", "ldap.server": "localhost", "ldap.port": "389", "ldap.tls": false, "ldap.no_verify": false,
        "ldap.anonymous": true, "ldap.scope": 2, "ldap.attrs": .null, "ldap.binddn": "", "ldap.bindpw": "",
        "hosts.file": "/etc/hosts", "aliases.file": "/etc/aliases",
    ]

    /// Where to look, in order, without what the arguments omit; nil looks everywhere.
    private static func sources(_ arguments: Arguments?, _ context: FunctionContext) async -> [ValueMap] {
        let all: [(String, ValueMap)] = [
            ("omit_opts", context.configuration), ("omit_grains", await context.facts.facts()),
            ("omit_pillar", context.pillar), ("omit_master", context.pillar["master"]?.map ?? [:]),
        ]
        return all.filter { arguments?.isTrue($0.0) != true }.map(\.1)
    }

    private static func merging(_ left: ValueMap, _ right: ValueMap, recurses: Bool) -> ValueMap {
        var merged = left
        for entry in right {
            if recurses, case .map(let old)? = merged[entry.key], case .map(let new) = entry.value {
                merged[entry.key] = .map(merging(old, new, recurses: true))
            } else {
                merged[entry.key] = entry.value
            }
        }
        return merged
    }
}
