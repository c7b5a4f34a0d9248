package import MusterCore

/// The arguments of one call, bound to the parameters of its function the way Python does it.
package struct Arguments: Sendable, Hashable {
    private let named: ValueMap
    /// Positional arguments beyond the named parameters, for functions that take them.
    package let rest: [Value]
    /// Keyword arguments that no parameter has, for functions that take them.
    package let keywords: ValueMap

    /// Binds a call's arguments; defaults fill what is missing.
    ///
    /// - Throws: `FunctionError.invalidArguments` for one too many, one missing, one unknown or one given twice.
    package init(_ call: FunctionCall, to function: ModuleFunction) throws(FunctionError) {
        func invalid(_ reason: String) -> FunctionError { .invalidArguments(function: call.function, reason: reason) }
        var named: ValueMap = [:]
        for (parameter, value) in zip(function.parameters, call.arguments) {
            named[parameter.name] = value
        }
        let surplus = Array(call.arguments.dropFirst(function.parameters.count))
        guard surplus.isEmpty || function.extras.contains(.positional) else {
            throw invalid("takes at most \(function.parameters.count) arguments, \(call.arguments.count) were given")
        }
        var others: ValueMap = [:]
        for entry in call.keywords {
            guard let key = entry.key.string, function.parameters.contains(where: { $0.name == key }) else {
                guard function.extras.contains(.keywords) || entry.key.string?.hasPrefix("__") == true else {
                    throw invalid("has no argument named '\(entry.key.string ?? "?")'")
                }
                others[entry.key] = entry.value
                continue
            }
            guard named[key] == nil else { throw invalid("was given '\(key)' twice") }
            named[key] = entry.value
        }
        for parameter in function.parameters where named[parameter.name] == nil {
            guard let value = parameter.defaultValue else { throw invalid("needs the argument '\(parameter.name)'") }
            named[parameter.name] = value
        }
        self.named = named
        rest = surplus
        keywords = others
    }

    /// The value of a declared parameter; null when it was left out without a default.
    package subscript(_ name: String) -> Value { named[name] ?? .null }
}
