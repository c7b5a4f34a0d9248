/// A filter of `-S`: comparisons and calls of data plugins, joined by `and`, `or`, `not` and parentheses.
///
///     expression = and-part { "or" and-part }
///     and-part   = factor { "and" factor }
///     factor     = "not" factor | "(" expression ")" | statement | function
///
/// Source: MCollective 2.12, `matcher.rb`, `security/base.rb`.
package struct CompoundFilter: Hashable, Sendable {
    /// One token as it travels.
    package enum Token: Hashable, Sendable {
        /// A comparison of a fact, or a class when there is no operator in it.
        case statement(String)
        case function(DataFunction)
        case and, or, not, open, close
    }

    indirect enum Expression: Hashable, Sendable {
        case statement(String)
        case function(DataFunction)
        case not(Expression)
        case and(Expression, Expression)
        case or(Expression, Expression)
    }

    package let tokens: [Token]
    private let expression: Expression

    /// Makes a filter of tokens.
    ///
    /// - Throws: the index of the token that cannot stand where it does.
    package init(_ tokens: [Token]) throws(CompoundError) {
        self.tokens = tokens
        expression = try CompoundParser.expression(tokens)
    }

    /// The calls that the verdict needs, each once, in the order of the text.
    package var calls: [DataCall] {
        var calls: [DataCall] = []
        for case .function(let function) in tokens where !calls.contains(function.call) { calls.append(function.call) }
        return calls
    }
}

extension CompoundFilter {
    /// Whether a node passes. When one of the calls has no answer, because the plugin is not there or refuses the query,
    /// the whole is false, `not` included.
    package func passes(_ subject: FilterSubject) -> Bool {
        guard calls.allSatisfy({ subject.data[$0] != nil }) else { return false }
        return passes(expression, subject)
    }

    private func passes(_ expression: Expression, _ subject: FilterSubject) -> Bool {
        switch expression {
        case .statement(let text): Statement(text).passes(subject)
        case .function(let function): subject.data[function.call].map(function.passes) ?? false
        case .not(let inner): !passes(inner, subject)
        case .and(let left, let right): passes(left, subject) && passes(right, subject)
        case .or(let left, let right): passes(left, subject) || passes(right, subject)
        }
    }
}

extension CompoundFilter {
    /// What a statement of a compound filter means.
    package enum Statement: Hashable, Sendable {
        case fact(FactTest)
        case `class`(NameTest)

        /// The operator is the first of `>=`, `<=`, `=`, `<` and `>`, so that there is none for what is not equal.
        package init(_ text: String) {
            let marks = [">=", "<=", "=", "<", ">"]
            guard !text.hasPrefix("/"),
                let place = text.indices.first(where: { place in marks.contains { text[place...].hasPrefix($0) } }),
                let mark = marks.first(where: { text[place...].hasPrefix($0) })
            else {
                self = .class(.text(text))
                return
            }
            let rest = text[place...].dropFirst(mark.utf8.count)
            // Ruby splits at each of them and takes the first two parts.
            let value = rest.firstRange(of: mark).map { rest[..<$0.lowerBound] } ?? rest
            let sign: FactTest.Operator =
                if value.hasPrefix("/") { .matches } else { FactTest.Operator(rawValue: mark) ?? .equal }
            self = .fact(FactTest(String(text[..<place]), sign, String(value)))
        }

        func passes(_ subject: FilterSubject) -> Bool {
            switch self {
            case .fact(let test): test.passes(subject.facts)
            case .class(let test): subject.hasClass(test)
            }
        }
    }
}

extension CompoundFilter {
    init?(wire value: RubyValue) {
        guard let elements = value.array else { return nil }
        var tokens: [Token] = []
        for element in elements {
            guard let pair = element.hash?.pairs.first, element.hash?.count == 1, let kind = pair.key.text else {
                return nil
            }
            switch kind {
            case "statement":
                guard let text = pair.value.text else { return nil }
                tokens.append(.statement(text))
            case "fstatement":
                guard let function = DataFunction(wire: pair.value) else { return nil }
                tokens.append(.function(function))
            case "and": tokens.append(.and)
            case "or": tokens.append(.or)
            case "not", "!": tokens.append(.not)
            case "(": tokens.append(.open)
            case ")": tokens.append(.close)
            default: return nil
            }
        }
        // What is no expression passes nowhere: the sender is not answered either way.
        guard let filter = try? CompoundFilter(tokens) else { return nil }
        self = filter
    }

    var wire: RubyValue {
        .array(
            tokens.map { token -> RubyValue in
                switch token {
                case .statement(let text): .hash([("statement", .text(text))])
                case .function(let function): .hash([(.text("fstatement"), function.wire)])
                case .and: .hash([("and", "and")])
                case .or: .hash([("or", "or")])
                case .not: .hash([("not", "not")])
                case .open: .hash([("(", "(")])
                case .close: .hash([(")", ")")])
                }
            })
    }
}
