package import MusterCore

/// All functions of a node: the built-in modules and the operator's own, found by name and called.
///
/// An operator's module of the same name as a built-in one is refused by `ExternalModules`, never preferred: what
/// `cmd.run` does must not depend on a directory.
package struct FunctionRegistry: FunctionCatalog {
    private let builtIn: [String: ExecutionModule]
    private let external: ExternalModules?

    package init(_ modules: [ExecutionModule], external: ExternalModules? = nil) {
        builtIn = Dictionary(modules.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.external = external
    }

    package func modules() async -> [ExecutionModule] {
        let others = await external?.modules(reservedNames: Set(builtIn.keys)) ?? []
        return (builtIn.values + others).sorted { $0.name < $1.name }
    }

    package func refresh() async {
        _ = await external?.modules(reservedNames: Set(builtIn.keys))
    }

    /// The function of a name `module.function`, nil when there is none.
    package func function(_ name: String) async -> ModuleFunction? {
        guard let dot = name.firstIndex(of: ".") else { return nil }
        let moduleName = String(name[..<dot])
        let functionName = name[name.index(after: dot)...]
        var module = builtIn[moduleName]
        if module == nil {
            module = await external?.modules(reservedNames: Set(builtIn.keys)).first { $0.name == moduleName }
        }
        return module?.functions.first { $0.name == functionName }
    }

    /// Calls a function with its arguments bound.
    ///
    /// - Throws: `FunctionError.notAvailable` for an unknown name, `.invalidArguments` and `.unknownKeywords` when the
    ///   arguments do not fit, and whatever the function throws.
    package func call(_ call: FunctionCall, in context: FunctionContext) async throws -> FunctionResult {
        guard let function = await function(call.function) else {
            throw FunctionError.notAvailable(function: call.function)
        }
        let arguments = try Arguments(call, to: function)
        try Task.checkCancellation()
        return try await function.body(arguments, context)
    }
}
