package import MusterCore

/// Function calls as Salt's `fun` and `arg`: keyword arguments travel as a map with `__kwarg__: true` among the others.
///
/// Source: Salt 3006, `salt/utils/args.py`, `condition_input`; `salt/minion.py`, `load_args_and_kwargs`.
extension FunctionCall {
    private static let keywordMark = "__kwarg__"

    /// The call of one function with its `arg`. Maps marked as keywords are taken out, wherever they stand.
    package init(saltFunction function: String, arguments: [Value]) {
        self.init(function)
        for argument in arguments {
            guard let map = argument.map, map[FunctionCall.keywordMark] == .bool(true) else {
                self.arguments.append(argument)
                continue
            }
            for entry in map where entry.key != .string(FunctionCall.keywordMark) {
                keywords[entry.key] = entry.value
            }
        }
    }

    /// The `arg` of this call: the positional arguments and, if there are any keywords, their marked map as the last.
    package var saltArguments: [Value] {
        guard !keywords.isEmpty else { return arguments }
        var map: ValueMap = [FunctionCall.keywordMark: true]
        for entry in keywords { map.append(entry.key, entry.value) }
        return arguments + [.map(map)]
    }
}

extension [FunctionCall] {
    /// Calls from `fun` and `arg`: a text with its arguments, or for a compound call arrays of both.
    ///
    /// - Returns: Nil when the two do not fit together or there is no function.
    package init?(saltFunction function: Value, arguments: Value) {
        switch (function, arguments) {
        case (.string(let name), .array(let arguments)):
            self = [FunctionCall(saltFunction: name, arguments: arguments)]
        case (.array(let names), .array(let lists)):
            guard !names.isEmpty, names.count == lists.count else { return nil }
            self = []
            for (name, list) in zip(names, lists) {
                guard let name = name.string, let arguments = list.array else { return nil }
                append(FunctionCall(saltFunction: name, arguments: arguments))
            }
        default:
            return nil
        }
    }

    /// `fun`: a text for one call, an array for several.
    package var saltFunction: Value {
        count == 1 ? .string(self[0].function) : .array(map { .string($0.function) })
    }

    /// `arg`: the arguments of one call, an array of them for several.
    package var saltArguments: Value {
        count == 1 ? .array(self[0].saltArguments) : .array(map { .array($0.saltArguments) })
    }
}
