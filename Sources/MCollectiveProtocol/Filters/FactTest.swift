package import MusterCore

/// A comparison of one fact, as `-F` and the statements of compound filters make it.
package struct FactTest: Hashable, Sendable {
    /// How a fact is compared; the raw values are those of the wire.
    package enum Operator: String, Hashable, Sendable, CaseIterable {
        case equal = "=="
        case matches = "=~"
        case notEqual = "!="
        case atMost = "<="
        case atLeast = ">="
        case less = "<"
        case greater = ">"
    }

    package var fact: String
    package var `operator`: Operator
    /// The text to compare with; a pattern may stand between slashes.
    package var value: String

    package init(_ fact: String, _ operator: Operator, _ value: String) {
        self.fact = fact
        self.operator = `operator`
        self.value = value
    }
}

extension FactTest {
    /// Reads the argument of `-F`: the first of these that fits.
    ///
    ///     NAME => VALUE     at least                    NAME =< VALUE     at most
    ///     NAME OP VALUE     <= >= < > != == =~
    ///     NAME = /PATTERN/  matches                     NAME = VALUE      equal
    ///
    /// Blanks may stand around the operator. Source: MCollective 2.12, `util.rb`, `parse_fact_string`.
    package init(argument text: String) throws(FilterError) {
        if let (name, value) = FactTest.split(text, at: "=>") {
            self.init(name, .atLeast, value)
        } else if let (name, value) = FactTest.split(text, at: "=<") {
            self.init(name, .atMost, value)
        } else if let test = FactTest.firstOperator(in: text) {
            self = test
        } else if let (name, value) = FactTest.split(text, at: "=") {
            let isPattern = value.utf8.count > 2 && value.hasPrefix("/") && value.hasSuffix("/")
            self.init(name, isPattern ? .matches : .equal, value)
        } else {
            throw .invalidFact(text)
        }
    }

    /// The name in front of the operator, which has no blanks, and the value behind it; nil when either is missing.
    private static func split(_ text: String, at mark: String) -> (name: String, value: String)? {
        guard let range = text.firstRange(of: mark) else { return nil }
        let name = text[..<range.lowerBound].trimmingSpaces(atStart: false)
        let value = text[range.upperBound...].trimmingSpaces(atStart: true)
        guard !name.isEmpty, !value.isEmpty, !name.contains(" ") else { return nil }
        return (String(name), String(value))
    }

    private static func firstOperator(in text: String) -> FactTest? {
        let marks: [Operator] = [.atMost, .atLeast, .less, .greater, .notEqual, .equal, .matches]
        for place in text.indices.dropFirst() {
            guard let mark = marks.first(where: { text[place...].hasPrefix($0.rawValue) }) else { continue }
            let name = text[..<place].trimmingSpaces(atStart: false)
            let value = text[place...].dropFirst(mark.rawValue.count).trimmingSpaces(atStart: true)
            guard !name.isEmpty, !name.contains(" "), !value.isEmpty else { return nil }
            return FactTest(String(name), mark, String(value))
        }
        return nil
    }
}

extension FactTest {
    init?(wire value: RubyValue) {
        guard let hash = value.hash, let fact = hash[named: "fact"]?.text, let value = hash[named: "value"]?.text,
            let name = hash[named: "operator"]?.text, let mark = Operator(rawValue: name)
        else { return nil }
        self.init(fact, mark, value)
    }

    var wire: RubyValue {
        .hash([
            (.symbol("fact"), .text(fact)), (.symbol("value"), .text(value)),
            (.symbol("operator"), .text(`operator`.rawValue)),
        ])
    }
}

extension FactTest {
    /// Whether the facts pass. A fact that is missing never does; of a list one element is enough, of a map one key.
    package func passes(_ facts: ValueMap) -> Bool {
        // A pattern that is refused is found nowhere.
        let pattern = pattern.flatMap { try? RubyPattern($0) }
        return switch facts[fact] {
        case nil, .null: false
        case .array(let elements): elements.contains { passes($0, pattern) }
        case .map(let map): map.contains { passes($0.key, pattern) }
        case let value?: passes(value, pattern)
        }
    }

    /// What the fact must hold, nil with every other operator. The slashes around it are not part of it.
    var pattern: RubyRegexp? {
        guard `operator` == .matches else { return nil }
        let isDelimited = value.utf8.count > 2 && value.hasPrefix("/") && value.hasSuffix("/")
        return RubyRegexp(isDelimited ? String(value.dropFirst().dropLast()) : value)
    }

    private func passes(_ fact: Value, _ pattern: RubyPattern?) -> Bool {
        guard let fact = fact.factText else { return false }
        switch `operator` {
        case .equal: return fact == value
        case .matches: return pattern?.isFound(in: fact) == true
        case .notEqual: return order(fact) != .same
        case .atMost: return order(fact) != .after
        case .atLeast: return order(fact) != .before
        case .less: return order(fact) == .before
        case .greater: return order(fact) == .after
        }
    }

    private enum Order { case before, same, after }

    /// Where the fact stands: by number when both are digits, or both are digits with one character between them that
    /// makes them a number, and by bytes otherwise.
    private func order(_ fact: String) -> Order {
        if let (left, right) = FactTest.digits(fact, value) {
            if left.count != right.count { return left.count < right.count ? .before : .after }
            return FactTest.order(left, right)
        }
        if let left = FactTest.decimal(fact), let right = FactTest.decimal(value) { return FactTest.order(left, right) }
        return FactTest.order(Array(fact.utf8), Array(value.utf8))
    }

    private static func order(_ left: Double, _ right: Double) -> Order {
        left == right ? .same : left < right ? .before : .after
    }

    private static func order(_ left: [UInt8], _ right: [UInt8]) -> Order {
        left == right ? .same : left.lexicographicallyPrecedes(right) ? .before : .after
    }

    /// Both as digits without zeros in front, nil unless both are digits alone: of any length, so no integers.
    private static func digits(_ left: String, _ right: String) -> ([UInt8], [UInt8])? {
        let isDigits: (String) -> Bool = { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard isDigits(left), isDigits(right) else { return nil }
        return (Array(left.utf8.drop { $0 == 0x30 }), Array(right.utf8.drop { $0 == 0x30 }))
    }

    private static func decimal(_ text: String) -> Double? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        return Double(text)
    }
}

extension Value {
    /// A fact as the peers hold it: facts are text.
    package var factText: String? {
        switch self {
        case .string(let text): text
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .double(let number): number.shortest
        case .null, .bytes, .array, .map: nil
        }
    }
}

extension Substring {
    /// The text without blanks at one end.
    func trimmingSpaces(atStart: Bool) -> Substring {
        if atStart { return drop { $0 == " " } }
        guard let last = lastIndex(where: { $0 != " " }) else { return self[startIndex..<startIndex] }
        return self[...last]
    }
}
