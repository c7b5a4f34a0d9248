package import MCollectiveProtocol

/// The policy of one agent: who may call which action on which nodes.
///
///     line   = "policy default" ( "allow" | "deny" )
///            | ( "allow" | "deny" ) TAB callers TAB actions TAB facts TAB classes
///            | ( "allow" | "deny" ) TAB callers TAB actions TAB compound
///     callers, actions, facts, classes = "*" | words separated by blanks
///     facts, classes, compound         = an expression of `-S`, when there is `and`, `or`, `not`, `!` or a parenthesis
///
/// The first line that fits decides, then the default. A caller may be the name of a group of the file `groups`, whose lines
/// are `NAME caller caller …`. Lines that are neither this nor a comment are passed over, as by the reference, with one
/// exception: one that begins with `deny` refuses everything, since nobody can tell whom it was to keep out.
///
/// Source: the plugin `actionpolicy` of MCollective, `util/actionpolicy.rb`.
package struct ActionPolicy: Sendable, Hashable {
    /// What a policy says of a call.
    package enum Verdict: Sendable, Hashable {
        case allowed
        /// By the rule in this line, counted from one; nil by the default.
        case denied(line: Int?)
    }

    private struct Rule: Sendable, Hashable {
        var line: Int
        var allows: Bool
        /// Nil is everybody, and every action.
        var callers: Set<String>?
        var actions: Set<String>?
        var conditions: [Condition]
    }

    private var rules: [Rule] = []
    private var allowsByDefault: Bool?
    /// Lines that could not be read, counted from one.
    package private(set) var unreadableLines: [Int] = []
    private let groups: [String: [String]]

    /// Reads a policy.
    ///
    /// - Parameter groups: the text of the file `groups` beside it.
    package init(_ text: String, groups: String = "") {
        self.groups = ActionPolicy.groups(groups)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.hasSuffix("\r") ? line.dropLast() : line
            guard !line.hasPrefix("#"), !line.allSatisfy(\.isWhitespace) else { continue }
            read(line, number: index + 1)
        }
    }

    private mutating func read(_ line: Substring, number: Int) {
        let words = line.split(whereSeparator: \.isWhitespace)
        if words.count >= 3, words[0] == "policy", words[1] == "default" {
            allowsByDefault = words[2] == "allow"
            return
        }
        let columns = line.split(separator: "\t").map(String.init)
        guard (4...5).contains(columns.count), columns[0] == "allow" || columns[0] == "deny" else {
            unreadableLines.append(number)
            if line.drop(while: \.isWhitespace).hasPrefix("deny") {
                rules.append(Rule(line: number, allows: false, callers: nil, actions: nil, conditions: []))
            }
            return
        }
        let conditions =
            columns.count == 5
            ? [Condition(columns[3], of: .facts), Condition(columns[4], of: .classes)]
            : [Condition(columns[3], of: .both)]
        rules.append(
            Rule(
                line: number, allows: columns[0] == "allow", callers: callers(columns[1]),
                actions: ActionPolicy.words(columns[2]), conditions: conditions))
    }

    private func callers(_ column: String) -> Set<String>? {
        ActionPolicy.words(column).map { words in Set(words.flatMap { groups[$0] ?? [$0] }) }
    }

    private static func words(_ column: String) -> Set<String>? {
        column == "*" ? nil : Set(column.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    private static func groups(_ text: String) -> [String: [String]] {
        var groups: [String: [String]] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            if let name = words.first { groups[name] = Array(words.dropFirst()) }
        }
        return groups
    }

    /// The calls of data plugins that the verdict needs.
    package var calls: [DataCall] {
        var calls: [DataCall] = []
        for call in rules.flatMap(\.conditions).flatMap(\.calls) where !calls.contains(call) { calls.append(call) }
        return calls
    }

    /// Judges a call.
    ///
    /// - Parameter allowsByDefault: what counts when the policy has no default of its own.
    package func verdict(
        caller: String, action: String, subject: FilterSubject, allowsByDefault: Bool
    ) -> Verdict {
        for rule in rules {
            guard rule.callers?.contains(caller) ?? true, rule.actions?.contains(action) ?? true,
                // What nobody can tell keeps a caller out, and lets none in.
                rule.conditions.allSatisfy({ $0.passes(subject, whenUnknown: !rule.allows) })
            else { continue }
            return rule.allows ? .allowed : .denied(line: rule.line)
        }
        return self.allowsByDefault ?? allowsByDefault ? .allowed : .denied(line: nil)
    }
}

extension ActionPolicy {
    /// What one column asks of the node.
    private struct Condition: Sendable, Hashable {
        enum Kind { case facts, classes, both }

        /// All must pass; nil never does, since it is of another kind or no expression.
        private let filters: [CompoundFilter?]

        init(_ column: String, of kind: Kind) {
            guard column != "*" else {
                filters = []
                return
            }
            let words = column.split(whereSeparator: \.isWhitespace).map(String.init)
            guard kind != .both, !words.contains(where: Condition.isOfCompound) else {
                filters = [try? CompoundFilter(argument: column)]
                return
            }
            filters = words.map { word in
                switch (CompoundFilter.Statement(word), kind) {
                case (.fact, .facts), (.class, .classes): try? CompoundFilter([.statement(word)])
                case (.fact, _), (.class, _): nil
                }
            }
        }

        var calls: [DataCall] { filters.compactMap(\.self).flatMap(\.calls) }

        /// - Parameter answer: What counts for an expression that cannot be read, or whose data plugin gave no answer.
        func passes(_ subject: FilterSubject, whenUnknown answer: Bool) -> Bool {
            filters.allSatisfy { filter in
                guard let filter, filter.calls.allSatisfy({ subject.data[$0] != nil }) else { return answer }
                return filter.passes(subject)
            }
        }

        private static func isOfCompound(_ word: String) -> Bool {
            ["and", "or", "not"].contains(word) || word.hasPrefix("!") || word.contains("(") || word.contains(")")
        }
    }
}
