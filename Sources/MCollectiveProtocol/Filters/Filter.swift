/// Which nodes a request is for, as it stands in the envelope. ``FilterSubject`` judges one node by it.
///
/// Source: MCollective 2.12, `security/base.rb`, `util.rb`.
package struct Filter: Hashable, Sendable {
    package var facts: [FactTest] = []
    package var classes: [NameTest] = []
    package var agents: [NameTest] = []
    package var identities: [NameTest] = []
    package var compounds: [CompoundFilter] = []
    /// What clients of SimpleRPC add to discovery. It tests nothing, but a filter with it alone is not empty.
    package var collective: String?
    /// Whether the peer sent other keys, or not all of the five: such a filter is not empty either.
    package private(set) var hasUnusualKeys = false

    package init() {}

    /// The filter of a directed request: the agent alone.
    package init(agent: String) { agents = [.text(agent)] }

    /// Whether it is the empty filter that every node passes.
    package var isEmpty: Bool {
        facts.isEmpty && classes.isEmpty && agents.isEmpty && identities.isEmpty && compounds.isEmpty
            && collective == nil && !hasUnusualKeys
    }
}

extension Filter {
    /// The keys of every filter, in the order of the peers.
    private static let keys = ["fact", "cf_class", "agent", "identity", "compound"]

    /// How many tests a filter from the wire may have, and how many of its comparisons may be patterns: judging them all
    /// takes a node its time.
    package static let maxTests = 1000
    package static let maxPatterns = 50

    /// Reads a filter. Missing keys are empty, unknown ones are passed over, `puppet_class` is `cf_class`.
    package init(wire hash: RubyHash) throws(FilterError) {
        for pair in hash.pairs {
            guard let key = pair.key.text else {
                hasUnusualKeys = true
                continue
            }
            switch key {
            case "fact": facts = try Filter.elements(pair.value, key) { FactTest(wire: $0) }
            case "cf_class": classes += try Filter.elements(pair.value, key) { NameTest(wire: $0) }
            case "puppet_class":
                classes += try Filter.elements(pair.value, key) { NameTest(wire: $0) }
                hasUnusualKeys = true
            case "agent": agents = try Filter.elements(pair.value, key) { NameTest(wire: $0) }
            case "identity": identities = try Filter.elements(pair.value, key) { NameTest(wire: $0) }
            case "compound": compounds = try Filter.elements(pair.value, key) { CompoundFilter(wire: $0) }
            case "collective": collective = pair.value.text
            default: hasUnusualKeys = true
            }
        }
        guard facts.count + names.count + compounds.count <= Filter.maxTests, patterns.count <= Filter.maxPatterns
        else {
            throw .tooManyTests(Filter.maxTests, patterns: Filter.maxPatterns)
        }
        if !hash.isEmpty, !Filter.keys.allSatisfy({ hash[.text($0)] != nil }) { hasUnusualKeys = true }
    }

    private var names: [NameTest] { classes + agents + identities }

    /// Every pattern of the filter, wherever it stands.
    var patterns: [RubyRegexp] {
        var patterns = names.compactMap(\.pattern)
        var tests = facts
        for token in compounds.flatMap(\.tokens) {
            switch token {
            case .function(let function): if case .regexp(let regexp) = function.operand { patterns.append(regexp) }
            case .statement(let text):
                switch CompoundFilter.Statement(text) {
                case .class(let test): if let pattern = test.pattern { patterns.append(pattern) }
                case .fact(let test): tests.append(test)
                }
            case .and, .or, .not, .open, .close: break
            }
        }
        return patterns + tests.compactMap(\.pattern)
    }

    private static func elements<Element>(
        _ value: RubyValue, _ key: String, _ element: (RubyValue) -> Element?
    ) throws(FilterError) -> [Element] {
        guard case .array(let values) = value else { throw .malformed(key: key) }
        var elements: [Element] = []
        for value in values {
            guard let next = element(value) else { throw .malformed(key: key) }
            elements.append(next)
        }
        return elements
    }

    /// The filter as the envelope carries it.
    package var wire: RubyValue {
        let tests: [RubyValue] = [
            .array(facts.map(\.wire)), .array(classes.map(\.wire)), .array(agents.map(\.wire)),
            .array(identities.map(\.wire)), .array(compounds.map(\.wire)),
        ]
        var hash = RubyHash(zip(Filter.keys, tests).map { (.text($0), $1) })
        if let collective { hash["collective"] = .text(collective) }
        return .hash(hash)
    }
}

/// A test of one name: a text that must be equal, or a pattern that must be found in it.
package enum NameTest: Hashable, Sendable {
    /// A text, or a pattern when it begins with a slash.
    case text(String)
    /// A pattern as an object, which some clients send for identities.
    case regexp(RubyRegexp)

    init?(wire value: RubyValue) {
        switch value {
        case .regexp(let regexp): self = .regexp(regexp)
        case .string, .symbol:
            guard let text = value.text else { return nil }
            self = .text(text)
        case .null, .bool, .int, .big, .double, .array, .hash: return nil
        }
    }

    var wire: RubyValue {
        switch self {
        case .text(let text): .text(text)
        case .regexp(let regexp): .regexp(regexp)
        }
    }

    /// The pattern, nil when the text must be equal.
    package var pattern: RubyRegexp? {
        switch self {
        case .text(let text): text.hasPrefix("/") ? RubyRegexp(text.replacing("/", with: "")) : nil
        case .regexp(let regexp): regexp
        }
    }
}

/// Why a filter cannot be read.
package enum FilterError: Error, Hashable, Sendable {
    /// Under this key of the envelope stands something else than tests.
    case malformed(key: String)
    /// A test of facts that has no operator we know.
    case invalidFact(String)
    /// A compound filter that is none, and where.
    case invalidCompound(String, offset: Int, problem: CompoundProblem)
    /// More tests, or more patterns, than a node judges.
    case tooManyTests(Int, patterns: Int)
    /// A pattern that cannot be compiled, or that might take too long.
    case invalidPattern(PatternError)
}

extension FilterError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(let key): "what stands under '\(key)' is no list of tests"
        case .invalidFact(let text):
            "Could not parse fact \(text) it does not appear to be in a valid format"
        case .invalidCompound(let text, let offset, let problem):
            "\(problem.rawValue) found while parsing -S input \(text), at character \(offset + 1)"
        case .tooManyTests(let tests, let patterns): "more than \(tests) tests or \(patterns) patterns"
        case .invalidPattern(let error): "\(error)"
        }
    }
}
