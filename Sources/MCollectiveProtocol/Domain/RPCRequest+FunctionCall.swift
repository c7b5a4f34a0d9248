package import MusterCore

extension RPCRequest {
    /// A call of `module.function` as a call of an action.
    ///
    /// Positional arguments get the names of the action's inputs in the order of its description; a number or a truth
    /// for an input that takes text is written as text.
    ///
    /// - Parameter description: That of the agent, nil when we have none.
    package init(_ call: FunctionCall, description: DDL?) throws(CallTranslationError) {
        let words = call.function.split(separator: ".", maxSplits: 1).map(String.init)
        guard words.count == 2 else { throw .noAction(call.function) }
        let inputs = description?.action(words[1])?.inputs ?? []
        guard call.arguments.count <= inputs.count else { throw .unnamedArguments(call.function) }
        var named: [(RubyValue, RubyValue)] = []
        for (input, value) in zip(inputs, call.arguments) {
            named.append((.symbol(input.name), RPCRequest.value(value, for: input)))
        }
        for keyword in call.keywords {
            guard let name = keyword.key.string else { continue }
            guard !named.contains(where: { $0.0 == .symbol(name) }) else { throw .givenTwice(name) }
            let input = inputs.first { $0.name == name }
            named.append(
                (.symbol(name), input.map { RPCRequest.value(keyword.value, for: $0) } ?? RubyValue(keyword.value)))
        }
        self.init(agent: words[0], action: words[1], inputs: RubyHash(named))
    }

    private static func value(_ value: Value, for input: DDLInput) -> RubyValue {
        switch (input.kind, value) {
        case (.string, .int), (.string, .uint), (.string, .double), (.string, .bool): .text(value.pythonText)
        default: RubyValue(value)
        }
    }
}

/// Why a call cannot be put to a collective.
package enum CallTranslationError: Error, Hashable, Sendable {
    case noAction(String)
    case unnamedArguments(String)
    case givenTwice(String)
}

extension CallTranslationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noAction(let function): "'\(function)' is not of the form agent.action"
        case .unnamedArguments(let function):
            "'\(function)' has arguments that nobody can name for the collective: give them as NAME=VALUE"
        case .givenTwice(let name): "'\(name)' is given twice"
        }
    }
}

extension RPCReply {
    /// The answer as a job's: the outputs, or what went wrong with the outputs there are.
    package var functionResult: FunctionResult {
        let outputs = outputs
        guard status != .ok else { return FunctionResult(.map(outputs)) }
        let text = message.isEmpty ? status.label : message
        let value: Value = outputs.isEmpty ? .string(text) : .map(["statusmsg": .string(text), "data": .map(outputs)])
        return FunctionResult(value, returnCode: Int(status.rawValue))
    }
}
