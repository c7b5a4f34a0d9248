import MusterCore

/// What the description of an agent asks of a call.
///
/// Source: MCollective 2.12, `ddl/agentddl.rb`, `ddl/base.rb`, `validator.rb`, `plugins/mcollective/validator/`.
extension DDL {
    /// Checks a call: the action, then each input in the order of the file.
    ///
    /// - Parameter refusesUnknown: Whether inputs that the file does not know are refused; the peers pass them through.
    /// - Returns: The action.
    @discardableResult
    package func check(
        _ request: RPCRequest, refusesUnknown: Bool = false
    ) throws(DDLRefusal) -> DDLAction {
        guard let action = action(request.action) else {
            throw .unknownAction(request.action, agent: metadata.name)
        }
        try action.check(request.inputs)
        if refusesUnknown,
            let unknown = request.inputs.pairs.first(where: { pair in
                !action.inputs.contains { $0.name == pair.key.text }
            })
        {
            throw .invalidInput(
                RubyText.text(of: unknown.key), .notIn(action.inputs.map(\.name)))
        }
        return action
    }
}

extension DDLAction {
    /// Checks the inputs of a call.
    package func check(_ values: RubyHash) throws(DDLRefusal) {
        for input in inputs {
            guard let value = values[named: input.name] else {
                guard input.isOptional else { throw .missingInput(input.name, action: name) }
                continue
            }
            if let problem = input.problem(with: value) { throw .invalidInput(input.name, problem) }
        }
    }

    /// The inputs of a command line: texts become what the file says they are, and what is not optional its default.
    ///
    /// Inputs that the file does not know stay text. Source: MCollective 2.12, `ddl/agentddl.rb`, `rpc/helpers.rb`.
    package func inputs(from arguments: [(name: String, text: String)]) throws(DDLRefusal) -> RubyHash {
        var values: RubyHash = [:]
        for (name, text) in arguments {
            guard let input = inputs.first(where: { $0.name == name }) else {
                values[.symbol(name)] = .text(text)
                continue
            }
            guard let value = input.value(of: text) else {
                throw .invalidInput(name, .notA(type: input.kind == .boolean ? "boolean" : "number"))
            }
            values[.symbol(name)] = value
        }
        for input in inputs where !input.isOptional && values[.symbol(input.name)] == nil {
            if let value = input.default { values[.symbol(input.name)] = value }
        }
        return values
    }
}

extension DDLInput {
    /// The value that a text of the command line means, nil when it is none of the kind.
    fileprivate func value(of text: String) -> RubyValue? {
        switch kind {
        case .boolean:
            switch text.lowercased() {
            case "true", "t", "yes", "y", "1": .bool(true)
            case "false", "f", "no", "n", "0": .bool(false)
            default: nil
            }
        case .integer, .number, .float:
            if let number = Int64(text) {
                kind == .float ? .double(Double(number)) : .int(number)
            } else {
                Double(text).flatMap { $0.isFinite ? .double($0) : nil }
            }
        case .string, .list, .other: .text(text)
        }
    }

    /// What is wrong with a value, nil when it is accepted.
    package func problem(with value: RubyValue) -> DDLRefusal.InputProblem? {
        switch kind {
        case .boolean: if case .bool = value { return nil } else { return .notA(type: "boolean") }
        case .integer: return value.isInteger ? nil : .notA(type: "integer")
        case .float: if case .double = value { return nil } else { return .notA(type: "float") }
        case .number:
            if case .double = value { return nil }
            return value.isInteger ? nil : .notA(type: "number")
        case .list(let list):
            // Numbers and symbols of the file are texts on a command line.
            return list.contains(value) ? nil : .notIn(list.map(RubyText.text(of:)))
        case .string(let validation, let maxLength):
            guard case .string(let string) = value, let text = string.text else { return .notA(type: "string") }
            if maxLength > 0, text.unicodeScalars.count > maxLength { return .tooLong(limit: maxLength) }
            return validation.problem(with: text)
        case .other: return nil
        }
    }
}

extension RubyValue {
    fileprivate var isInteger: Bool {
        switch self {
        case .int, .big: true
        case .null, .bool, .double, .string, .symbol, .array, .hash, .regexp: false
        }
    }
}

extension DDLValidation {
    /// The validators that are always there.
    static let builtIn: Set<String> = ["shellsafe", "ipv4address", "ipv6address"]

    /// What the peers show of it.
    package var shown: String {
        switch self {
        case .pattern(let text): text
        case .regexp(let regexp): RubyText.text(of: .regexp(regexp))
        case .validator(let name): name
        }
    }

    /// What is wrong with a text, nil when it is accepted. A validator of a plugin accepts everything here: whoever has
    /// the plugin asks it.
    func problem(with text: String) -> DDLRefusal.InputProblem? {
        switch self {
        case .pattern(let source): return problem(with: text, RubyRegexp(source))
        case .regexp(let regexp): return problem(with: text, regexp)
        case .validator("shellsafe"):
            return ["`", "$", ";", "|", "&&", ">", "<"].first { text.contains($0) }.map { .unsafe($0) }
        case .validator("ipv4address"): return IPText.isVersion4(text) ? nil : .notAnAddress(version: 4)
        case .validator("ipv6address"): return IPText.isVersion6(text) ? nil : .notAnAddress(version: 6)
        case .validator: return nil
        }
    }

    private func problem(with text: String, _ regexp: RubyRegexp) -> DDLRefusal.InputProblem? {
        guard let pattern = try? RubyPattern(regexp) else { return .invalidPattern }
        return pattern.isFound(in: text) ? nil : .noMatch(pattern: shown)
    }
}
