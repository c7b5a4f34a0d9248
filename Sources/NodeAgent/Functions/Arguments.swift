package import MusterCore

/// The arguments of one call, bound to the parameters of its function the way Python does it.
package struct Arguments: Sendable, Hashable {
    private let named: ValueMap
    /// Positional arguments beyond the named parameters, for functions that take them.
    package let rest: [Value]
    /// Keyword arguments that no parameter has, for functions that take them.
    package let keywords: ValueMap

    /// Binds a call's arguments; defaults fill what is missing. Keywords that begin with `__` (`__pub_jid`,
    /// `__env__`) come from Salt's machinery and are never an error.
    ///
    /// - Throws: `FunctionError.invalidArguments` for one too many, one missing or one given twice, in Python's words;
    ///   `.unknownKeywords` for those that the function does not have.
    package init(_ call: FunctionCall, to function: ModuleFunction) throws(FunctionError) {
        func invalid(_ reason: String) -> FunctionError {
            .invalidArguments(
                function: call.function, reason: "\(function.name)() \(reason)\n\(function.documentation)")
        }
        var named: ValueMap = [:]
        for (parameter, value) in zip(function.parameters, call.arguments) {
            named[parameter.name] = value
        }
        let surplus = Array(call.arguments.dropFirst(function.parameters.count))
        var others: ValueMap = [:]
        var unknown: [String] = []
        for entry in call.keywords {
            guard let key = entry.key.string, function.parameters.contains(where: { $0.name == key }) else {
                if !function.extras.contains(.keywords), entry.key.string?.hasPrefix("__") != true {
                    unknown.append("\(entry.key.pythonText)=\(entry.value.pythonText)")
                }
                others[entry.key] = entry.value
                continue
            }
            guard named[key] == nil else { throw invalid("got multiple values for argument '\(key)'") }
            named[key] = entry.value
        }
        guard unknown.isEmpty else { throw .unknownKeywords(function: call.function, keywords: unknown) }
        guard surplus.isEmpty || function.extras.contains(.positional) else {
            throw invalid(Arguments.surplusText(function, given: call.arguments.count))
        }
        let missing = function.parameters.filter { named[$0.name] == nil && $0.defaultValue == nil }.map(\.name)
        guard missing.isEmpty else {
            let names = missing.map { "'\($0)'" }.joined(separator: " and ")
            throw invalid(
                "missing \(missing.count) required positional argument\(missing.count == 1 ? "" : "s"): \(names)")
        }
        for parameter in function.parameters where named[parameter.name] == nil {
            named[parameter.name] = parameter.defaultValue
        }
        self.named = named
        rest = surplus
        keywords = others
    }

    /// The value of a declared parameter; null when it was left out without a default.
    package subscript(_ name: String) -> Value { named[name] ?? .null }

    private static func surplusText(_ function: ModuleFunction, given: Int) -> String {
        let most = function.parameters.count
        let least = function.parameters.filter { $0.defaultValue == nil }.count
        let takes = least == most ? "\(most)" : "from \(least) to \(most)"
        return
            "takes \(takes) positional argument\(most == 1 ? "" : "s") but \(given) \(given == 1 ? "was" : "were") given"
    }
}
