package import MusterCore

/// A call of a data plugin in a compound filter: `name('query').output OP value`.
package struct DataFunction: Hashable, Sendable {
    /// What the output is compared with.
    package enum Operand: Hashable, Sendable {
        case text(String)
        case regexp(RubyRegexp)
    }

    /// How it is compared; the raw values are those of the wire.
    package enum Operator: String, Hashable, Sendable, CaseIterable {
        case equal = "=="
        case notEqual = "!="
        case atMost = "<="
        case atLeast = ">="
        case less = "<"
        case greater = ">"
        case matches = "=~"
        case matchesNot = "!=~"
    }

    package var call: DataCall
    /// The output of the plugin.
    package var output: String
    package var `operator`: Operator
    package var operand: Operand

    package init(_ call: DataCall, output: String, _ operator: Operator, _ operand: Operand) {
        self.call = call
        self.output = output
        self.operator = `operator`
        self.operand = operand
    }
}

/// A data plugin with its query: what a node looks up before it judges a filter.
package struct DataCall: Hashable, Sendable {
    package var plugin: String
    /// Nil when the parentheses are empty.
    package var query: String?

    package init(_ plugin: String, _ query: String? = nil) {
        self.plugin = plugin
        self.query = query
    }
}

extension DataFunction {
    init?(wire value: RubyValue) {
        guard let hash = value.hash, let plugin = hash[named: "name"]?.text,
            let name = hash[named: "operator"]?.text, let output = hash[named: "value"]?.text
        else { return nil }
        // A lone sign is what clients mean by two of them.
        guard let mark = name == "=" ? .equal : Operator(rawValue: name) else { return nil }
        switch hash[named: "r_compare"] {
        case .regexp(let regexp): operand = .regexp(regexp)
        case let value?:
            guard let text = value.text ?? value.value.factText else { return nil }
            operand = .text(text)
        case nil: return nil
        }
        call = DataCall(plugin, hash[named: "params"]?.text)
        self.output = output
        `operator` = mark
    }

    var wire: RubyValue {
        let operand: RubyValue =
            switch operand {
            case .text(let text): .text(text)
            case .regexp(let regexp): .regexp(regexp)
            }
        return .hash([
            (.text("r_compare"), operand), (.text("operator"), .text(`operator`.rawValue)),
            (.text("value"), .text(output)), (.text("name"), .text(call.plugin)),
            (.text("params"), call.query.map { .text($0) } ?? .null),
        ])
    }
}

extension DataFunction {
    /// Whether what the plugin gave passes.
    ///
    /// Nothing passes that is nil, and no text or boolean passes `<` or `>`; patterns are for texts alone; otherwise the
    /// operand is converted to what the output is. Source: MCollective 2.12, `matcher.rb`, `eval_compound_fstatement`.
    package func passes(_ outputs: ValueMap) -> Bool {
        guard let found = outputs[output], !found.isNull, call.query?.contains("`") != true else { return false }
        switch operand {
        case .regexp(let regexp):
            guard case .string(let text) = found, let pattern = try? RubyPattern(regexp) else { return false }
            switch `operator` {
            case .matches: return pattern.isFound(in: text)
            case .matchesNot: return !pattern.isFound(in: text)
            case .equal, .notEqual, .atMost, .atLeast, .less, .greater: return false
            }
        case .text(let operand): return passes(found, operand)
        }
    }

    private func passes(_ found: Value, _ operand: String) -> Bool {
        switch found {
        case .string(let text): return equality(text == operand)
        case .bool(let flag): return equality(DataFunction.truth(operand) == flag)
        case .int, .uint, .double:
            guard let found = found.double, let number = Double(operand.trimmingBlanks) else {
                // A number is never equal to what is none, and has no order with it.
                return `operator` == .notEqual
            }
            return comparison(found, number)
        case .null, .bytes, .array, .map: return false
        }
    }

    private func equality(_ isEqual: Bool) -> Bool {
        switch `operator` {
        case .equal: isEqual
        case .notEqual: !isEqual
        case .atMost, .atLeast, .less, .greater, .matches, .matchesNot: false
        }
    }

    private func comparison(_ found: Double, _ number: Double) -> Bool {
        switch `operator` {
        case .equal: found == number
        case .notEqual: found != number
        case .atMost: found <= number
        case .atLeast: found >= number
        case .less: found < number
        case .greater: found > number
        case .matches, .matchesNot: false
        }
    }

    /// Ruby's reading of a truth, nil for what is none.
    private static func truth(_ text: String) -> Bool? {
        switch text.trimmingBlanks.lowercased() {
        case "1", "y", "yes", "t", "true": true
        case "0", "n", "no", "f", "false": false
        default: nil
        }
    }
}

extension String {
    /// The text without white space at both ends.
    var trimmingBlanks: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
