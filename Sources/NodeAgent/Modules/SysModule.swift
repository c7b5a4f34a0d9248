import Glibc
import MusterCore

extension ExecutionModule {
    /// Salt's `sys`: describes the functions of the node.
    package static let sys = ExecutionModule(
        "sys", summary: "Describe the modules and functions of the node", functions: SysModule.functions)
}

private enum SysModule {
    static let functions: [ModuleFunction] = [
        ModuleFunction(
            "doc",
            "Return the documentation of functions: of one, of a module, of a glob, or of all.\n\nCLI Example:\n\n    salt '*' sys.doc cmd.run",
            extras: .positional
        ) { arguments, context in
            let functions = await context.functions.functions()
            let patterns = arguments.rest.map(\.pythonText)
            var docs: ValueMap = [:]
            for (name, function) in functions
            where patterns.isEmpty || patterns.contains(where: { matchesDoc(name, $0) }) {
                docs[name] = .string(function.documentation)
            }
            return FunctionResult(.map(docs))
        },
        ModuleFunction("list_modules", "Return the names of the modules; globs narrow them.", extras: .positional) {
            arguments, context in
            let patterns = arguments.rest.map(\.pythonText)
            let functions = await context.functions.functions().map(\.name)
            let modules = functions.filter { name in
                patterns.isEmpty
                    || patterns.contains { $0.contains("*") ? matches(name, $0) : module(of: name) == $0 }
            }
            return FunctionResult(.array(unique(modules.map(module)).map(Value.string)))
        },
        ModuleFunction(
            "list_functions", "Return the names of the functions; modules and globs narrow them.",
            extras: [.positional, .keywords]
        ) { arguments, context in
            let patterns = arguments.rest.map(\.pythonText)
            let functions = await context.functions.functions().map(\.name).filter { name in
                patterns.isEmpty || patterns.contains { matchesName(name, $0) }
            }
            return FunctionResult(.array(functions.map(Value.string)))
        },
        ModuleFunction(
            "argspec", "Return the parameters of functions: {args, defaults, varargs, kwargs} for each.",
            parameters: [.optional("module", "")]
        ) { arguments, context in
            let pattern = arguments["module"].pythonText
            var specifications: ValueMap = [:]
            for (name, function) in await context.functions.functions() where matchesName(name, pattern) {
                specifications[name] = .map(specification(function))
            }
            return FunctionResult(.map(specifications))
        },
        ModuleFunction("reload_modules", "Look for new and changed modules of the operator.") { _, context in
            await context.functions.refresh()
            return FunctionResult(true)
        },
        empty("list_state_modules", "Return the state modules: this node has none."),
        empty("list_state_functions", "Return the state functions: this node has none."),
        empty("list_runners", "Return the runner modules: they belong to the controller."),
        empty("list_runner_functions", "Return the runner functions: they belong to the controller."),
        empty("list_returners", "Return the returner modules: this node has none."),
        empty("list_returner_functions", "Return the returner functions: this node has none."),
        empty("list_renderers", "Return the renderers: this node has none."),
    ]

    private static func empty(_ name: String, _ documentation: String) -> ModuleFunction {
        ModuleFunction(name, documentation, extras: [.positional, .keywords]) { _, _ in FunctionResult([]) }
    }

    /// `sys.doc` takes a glob, a function, or the beginning up to a dot.
    private static func matchesDoc(_ name: String, _ pattern: String) -> Bool {
        if pattern.contains("*") { return matches(name, pattern) }
        return name == pattern || name.hasPrefix(pattern.hasSuffix(".") ? pattern : pattern + ".")
    }

    private static func matchesName(_ name: String, _ pattern: String) -> Bool {
        pattern.contains("*") || pattern.contains(".") ? matches(name, pattern) : name.hasPrefix(pattern + ".")
    }

    private static func matches(_ name: String, _ pattern: String) -> Bool { fnmatch(pattern, name, 0) == 0 }

    private static func module(of name: String) -> String { String(name.prefix { $0 != "." }) }

    private static func unique(_ names: [String]) -> [String] { Set(names).sorted() }

    /// Salt's argspec: names, defaults of the last ones, and whether more are taken; absent things are null.
    private static func specification(_ function: ModuleFunction) -> ValueMap {
        let names = function.parameters.map { Value.string($0.name) }
        let defaults = function.parameters.compactMap(\.defaultValue)
        return [
            "args": names.isEmpty ? .null : .array(names),
            "defaults": defaults.isEmpty ? .null : .array(defaults),
            "varargs": function.extras.contains(.positional) ? true : .null,
            "kwargs": function.extras.contains(.keywords) ? true : .null,
        ]
    }
}
