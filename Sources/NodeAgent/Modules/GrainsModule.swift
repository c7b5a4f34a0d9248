import MusterCore

extension ExecutionModule {
    /// Salt's `grains`: shows the node's facts and changes the operator's own, which are kept in the `grains` file.
    package static let grains = ExecutionModule(
        "grains", summary: "Show the node's facts and change the operator's own",
        functions: GrainsModule.reading + GrainsModule.writing)
}

/// Source: Salt 3008, `salt/modules/grains.py`.
private enum GrainsModule {
    private static let delimiter = ModuleFunction.Parameter.optional("delimiter", ":")

    static let reading: [ModuleFunction] = [
        ModuleFunction(
            "items", "Return all facts.\n\nCLI Example:\n\n    salt '*' grains.items sanitize=True",
            parameters: [.optional("sanitize", false)]
        ) { arguments, context in
            let facts = await context.facts.facts()
            return nested(.map(arguments.isTrue("sanitize") ? sanitized(facts) : facts))
        },
        ModuleFunction(
            "item", "Return one or more facts.\n\nCLI Example:\n\n    salt '*' grains.item os osrelease",
            extras: [.positional, .keywords]
        ) { arguments, context in
            let facts = Value.map(await context.facts.facts())
            let separator = arguments.keywords["delimiter"]?.argumentText ?? ":"
            var found = ValueMap()
            for name in arguments.rest.map(\.argumentText) {
                found[name] =
                    FactPath.value(at: name, in: facts, delimiter: separator) ?? arguments.keywords["default"] ?? ""
            }
            return nested(.map(arguments.keywords["sanitize"]?.isTrueArgument == true ? sanitized(found) : found))
        },
        lookUp("get"),
        lookUp("fetch"),
        ModuleFunction("ls", "Return the names of all facts, sorted.") { _, context in
            FunctionResult(.array(await context.facts.facts().keys.sorted().map(Value.string)))
        },
        ModuleFunction(
            "has_value", "Whether a fact exists.\n\nCLI Example:\n\n    salt '*' grains.has_value pkg:apache",
            parameters: [.required("key")]
        ) { arguments, context in
            let facts = Value.map(await context.facts.facts())
            return FunctionResult(.bool(FactPath.value(at: arguments.text("key"), in: facts) != nil))
        },
        ModuleFunction(
            "equals", "Whether a fact has a value.\n\nCLI Example:\n\n    salt '*' grains.equals systemd:version 219",
            parameters: [.required("key"), .required("value")]
        ) { arguments, context in
            let found = await value(of: arguments.text("key"), context) ?? ""
            return FunctionResult(.bool(found.argumentText == arguments.text("value")))
        },
    ]

    static let writing: [ModuleFunction] = [
        ModuleFunction(
            "setval",
            "Set a fact in the grains file. A destructive null removes it.\n\nCLI Example:\n\n    salt '*' grains.setval key val",
            parameters: [
                .required("key"), .required("val"), .optional("destructive", false), .optional("refresh_pillar", true),
            ]
        ) { arguments, context in
            let changes: ValueMap = [arguments.text("key"): arguments["val"]]
            return nested(try await store(changes, isDestructive: arguments.isTrue("destructive"), context))
        },
        ModuleFunction(
            "setvals",
            "Set several facts in the grains file.\n\nCLI Example:\n\n    salt '*' grains.setvals \"{'key1': 'val1'}\"",
            parameters: [.required("grains"), .optional("destructive", false), .optional("refresh_pillar", true)]
        ) { arguments, context in
            guard case .map(let changes) = arguments["grains"] else {
                throw FunctionError.failed(reason: "setvals grains must be a dictionary.")
            }
            return FunctionResult(try await store(changes, isDestructive: arguments.isTrue("destructive"), context))
        },
        ModuleFunction(
            "set",
            "Set a fact, also a nested one, with care: maps and lists are replaced only with force.\n\nCLI Example:\n\n    salt '*' grains.set 'apps:myApp:port' 2209",
            parameters: [
                .required("key"), .optional("val", ""), .optional("force", false), .optional("destructive", false),
                delimiter,
            ]
        ) { arguments, context in
            try await set(
                arguments.text("key"), to: arguments["val"], isForced: arguments.isTrue("force"),
                isDestructive: arguments.isTrue("destructive"), delimiter: arguments.text("delimiter"), context)
        },
        ModuleFunction(
            "delval", "Set a fact to null in the grains file; with destructive, remove it.",
            parameters: [.required("key"), .optional("destructive", false), .optional("force", false)]
        ) { arguments, context in
            try await set(
                arguments.text("key"), to: .null, isForced: arguments.isTrue("force"),
                isDestructive: arguments.isTrue("destructive"), delimiter: ":", context)
        },
        ModuleFunction(
            "delkey", "Remove a fact from the grains file.", parameters: [.required("key"), .optional("force", false)]
        ) { arguments, context in
            try await set(
                arguments.text("key"), to: .null, isForced: arguments.isTrue("force"), isDestructive: true,
                delimiter: ":",
                context)
        },
        ModuleFunction(
            "append",
            "Append a value to a list in the grains file.\n\nCLI Example:\n\n    salt '*' grains.append roles web",
            parameters: [.required("key"), .required("val"), .optional("convert", false), delimiter]
        ) { arguments, context in
            let key = arguments.text("key")
            let separator = arguments.text("delimiter")
            var found = await value(of: key, context, delimiter: separator) ?? []
            if arguments.isTrue("convert"), found.array == nil { found = found.isNull ? [] : [found] }
            guard var list = found.array else { return FunctionResult(.string("The key \(key) is not a valid list")) }
            let addition = arguments["val"]
            guard !list.contains(addition) else {
                return FunctionResult(.string("The val \(addition.argumentText) was already in the list \(key)"))
            }
            list += addition.array ?? [addition]
            return FunctionResult(try await storeNested(key, .array(list), delimiter: separator, context))
        },
        ModuleFunction(
            "remove",
            "Remove a value from a list in the grains file.\n\nCLI Example:\n\n    salt '*' grains.remove roles web",
            parameters: [.required("key"), .required("val"), delimiter]
        ) { arguments, context in
            let key = arguments.text("key")
            let separator = arguments.text("delimiter")
            guard var list = (await value(of: key, context, delimiter: separator) ?? []).array else {
                return FunctionResult(.string("The key \(key) is not a valid list"))
            }
            guard let index = list.firstIndex(of: arguments["val"]) else {
                return FunctionResult(.string("The val \(arguments.text("val")) was not in the list \(key)"))
            }
            list.remove(at: index)
            return FunctionResult(try await storeNested(key, .array(list), delimiter: separator, context))
        },
    ]

    // MARK: Reading

    private static func lookUp(_ name: String) -> ModuleFunction {
        ModuleFunction(
            name,
            "Return a fact, or the default when there is none.\n\nCLI Example:\n\n    salt '*' grains.get pkg:apache",
            parameters: [.required("key"), .optional("default", ""), delimiter, .optional("ordered", true)]
        ) { arguments, context in
            let found = await value(of: arguments.text("key"), context, delimiter: arguments.text("delimiter"))
            return FunctionResult(found ?? arguments["default"])
        }
    }

    private static func value(of key: String, _ context: FunctionContext, delimiter: String = ":") async -> Value? {
        FactPath.value(at: key, in: .map(await context.facts.facts()), delimiter: delimiter)
    }

    private static func nested(_ value: Value) -> FunctionResult { FunctionResult(value, outputter: "nested") }

    /// Hides what identifies the machine, for facts that are shown to others.
    private static func sanitized(_ facts: ValueMap) -> ValueMap {
        var facts = facts
        if let serial = facts["serialnumber"]?.string {
            let kept = serial.count * 3 / 4
            facts["serialnumber"] = .string(serial.prefix(kept) + String(repeating: "X", count: serial.count - kept))
        }
        for (name, replacement) in [
            ("domain", "DOMAINNAME"), ("fqdn", "MINION.DOMAINNAME"), ("id", "MINION.DOMAINNAME"), ("host", "MINION"),
            ("localhost", "MINION"), ("nodename", "MINION"),
        ] where facts[name] != nil {
            facts[name] = .string(replacement)
        }
        return facts
    }

    // MARK: Writing

    private static func store(
        _ changes: ValueMap, isDestructive: Bool, _ context: FunctionContext
    ) async throws -> Value {
        for entry in changes {
            if entry.value.isNull && isDestructive {
                try await context.facts.remove(entry.key.argumentText)
            } else {
                try await context.facts.set(entry.key.argumentText, to: entry.value)
            }
        }
        return .map(changes)
    }

    /// Stores a value below its first key, with everything else that is there.
    private static func storeNested(
        _ key: String, _ value: Value, delimiter: String, _ context: FunctionContext
    ) async throws -> Value {
        var path = parts(of: key, delimiter)
        var value = value
        while path.count > 1 {
            let last = path.removeLast()
            let parent = path.joined(separator: delimiter)
            var map = (await Self.value(of: parent, context, delimiter: delimiter))?.map ?? [:]
            map[last] = value
            value = .map(map)
        }
        return try await store([path[0]: value], isDestructive: false, context)
    }

    private static func set(
        _ key: String, to value: Value, isForced: Bool, isDestructive: Bool, delimiter: String,
        _ context: FunctionContext
    ) async throws -> FunctionResult {
        func answer(_ comment: String, _ result: Bool = false, changes: Value = .map([:])) -> FunctionResult {
            FunctionResult(.map(["comment": .string(comment), "changes": changes, "result": .bool(result)]))
        }
        let existing = await Self.value(of: key, context, delimiter: delimiter)
        if existing == value && (!value.isNull || !isDestructive) { return answer("Grain is already set", true) }
        if let existing, !existing.isNull, !isForced {
            guard !existing.isCollection else {
                return answer("The key '\(key)' exists but is a dict or a list. Use 'force=True' to overwrite.")
            }
            guard !value.isCollection else {
                return answer(
                    "The key '\(key)' exists and the given value is a dict or a list. Use 'force=True' to overwrite.")
            }
        }
        var path = parts(of: key, delimiter)
        var value = value
        while path.count > 1 {
            let last = path.removeLast()
            let parent = path.joined(separator: delimiter)
            let outer = await Self.value(of: parent, context, delimiter: delimiter) ?? .map([:])
            switch outer {
            case .map(var map):
                map[last] = value.isNull && isDestructive ? nil : value
                value = .map(map)
            case .array(let elements): value = .array(replacing(last, with: value, in: elements))
            case .null, .bool, .int, .uint, .double, .string, .bytes:
                guard outer == .string(last) || isForced else {
                    return answer(
                        "The key '\(parent)' value is '\(outer.argumentText)', which is different from the provided key "
                            + "'\(last)'. Use 'force=True' to overwrite.")
                }
                value = .map([last: value])
            }
        }
        return answer("", true, changes: try await store([path[0]: value], isDestructive: isDestructive, context))
    }

    /// A list takes a nested value where it names the key, or where a map in it has the key, else at its end.
    private static func replacing(_ key: String, with value: Value, in elements: [Value]) -> [Value] {
        var isUpdated = false
        let replaced = elements.map { element -> Value in
            if element == .string(key) {
                isUpdated = true
                return .map([key: value])
            }
            guard var map = element.map, map[key] != nil else { return element }
            isUpdated = true
            map[key] = value
            return .map(map)
        }
        return isUpdated ? replaced : replaced + [.map([key: value])]
    }

    private static func parts(of key: String, _ delimiter: String) -> [String] {
        guard let mark = delimiter.first, delimiter.count == 1 else { return [key] }
        return key.split(separator: mark, omittingEmptySubsequences: false).map(String.init)
    }
}

extension Value {
    fileprivate var isCollection: Bool {
        switch self {
        case .array, .map: true
        case .null, .bool, .int, .uint, .double, .string, .bytes: false
        }
    }
}
