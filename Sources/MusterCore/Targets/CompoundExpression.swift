/// A compound target read into a tree: terms joined by `and`, `or`, `not` and parentheses.
///
/// Grammar, words separated by blanks:
///
///     expression = and-part { "or" and-part }
///     and-part   = factor { "and" factor }
///     factor     = "not" ( "(" expression ")" | term ) | "(" expression ")" | term
///     term       = [ LETTER [ DELIMITER ] "@" ] pattern
///
/// Letters: G facts, P facts by regex, I pillar, J pillar by regex, L list, E regex, S address, N nodegroup; none: glob.
/// Tolerances: `not` straight after a term means `and not` (Salt's minions read it so); only G, P, I and J take a
/// delimiter, of one character. Source: Salt 3008, `salt/matchers/compound_match.py`, `salt/utils/minions.py`.
package indirect enum CompoundExpression: Sendable, Hashable {
    case term(Target)
    case not(CompoundExpression)
    case and(CompoundExpression, CompoundExpression)
    case or(CompoundExpression, CompoundExpression)

    /// Reads an expression and puts the nodegroups it names in their places.
    ///
    /// - Parameter nodegroups: compound expressions by name.
    package init(_ text: String, nodegroups: [String: String] = [:]) throws(TargetError) {
        self = try CompoundExpression.parse(text, nodegroups: nodegroups, openGroups: [])
    }

    /// The text with each nodegroup written out in parentheses: nodes know only their own nodegroups, if any.
    package static func expanding(_ text: String, nodegroups: [String: String]) throws(TargetError) -> String {
        _ = try CompoundExpression(text, nodegroups: nodegroups)
        return expanded(text, nodegroups)
    }

    /// - Parameter text: an expression that was read before, so that its nodegroups exist and do not loop.
    private static func expanded(_ text: String, _ nodegroups: [String: String]) -> String {
        text.split(whereSeparator: \.isWhitespace).map { word in
            let (letter, _, pattern) = split(String(word))
            guard letter == "N", let group = nodegroups[pattern] else { return String(word) }
            return "( \(expanded(group, nodegroups)) )"
        }
        .joined(separator: " ")
    }

    private static func parse(
        _ text: String, nodegroups: [String: String], openGroups: [String]
    ) throws(TargetError) -> CompoundExpression {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count <= 10_000 else {
            throw .invalidExpression(String(text.prefix(40)), reason: "more than 10000 words")
        }
        var parser = CompoundParser(text: text, words: words, nodegroups: nodegroups, openGroups: openGroups)
        return try parser.parse()
    }

    fileprivate static func term(
        _ word: String, nodegroups: [String: String], openGroups: [String]
    ) throws(TargetError) -> CompoundExpression {
        let (letter, delimiter, pattern) = split(word)
        func target(_ kind: Target.Kind) -> CompoundExpression {
            .term(Target(kind, pattern, delimiter: delimiter.map(String.init) ?? ":"))
        }
        switch letter {
        case nil: return target(.glob)
        case "G": return target(.facts)
        case "P": return target(.factsPCRE)
        case "I": return target(.pillar)
        case "J": return target(.pillarPCRE)
        case "L": return target(.list)
        case "E": return target(.pcre)
        case "S": return target(.address)
        case "N":
            guard let group = nodegroups[pattern] else { throw .unknownNodegroup(pattern) }
            guard !openGroups.contains(pattern) else { throw .nodegroupLoop(pattern) }
            return try parse(group, nodegroups: nodegroups, openGroups: openGroups + [pattern])
        case let other?:
            throw .invalidExpression(word, reason: "'\(other)@' is not supported: use one of G P I J L E S N")
        }
    }

    private static func split(_ word: String) -> (letter: Character?, delimiter: Character?, pattern: String) {
        let characters = Array(word)
        guard let letter = characters.first, "GPIJLNSERTM".contains(letter) else { return (nil, nil, word) }
        if characters.count > 2, characters[1] == "@" { return (letter, nil, String(characters[2...])) }
        if characters.count > 3, characters[2] == "@", "GPIJ".contains(letter) {
            return (letter, characters[1], String(characters[3...]))
        }
        return (nil, nil, word)
    }
}

/// Reads the words of one compound expression by recursive descent; nesting is bounded.
private struct CompoundParser {
    let text: String
    let words: [String]
    let nodegroups: [String: String]
    let openGroups: [String]
    var position = 0
    var depth = 0

    init(text: String, words: [String], nodegroups: [String: String], openGroups: [String]) {
        self.text = text
        self.words = words
        self.nodegroups = nodegroups
        self.openGroups = openGroups
    }

    mutating func parse() throws(TargetError) -> CompoundExpression {
        let expression = try parseOr()
        guard position == words.count else { throw failure("'\(words[position])' was not expected") }
        return expression
    }

    private mutating func parseOr() throws(TargetError) -> CompoundExpression {
        var left = try parseAnd()
        while take("or") { left = .or(left, try parseAnd()) }
        return left
    }

    private mutating func parseAnd() throws(TargetError) -> CompoundExpression {
        var left = try parseFactor()
        while take("and") || peek == "not" { left = .and(left, try parseFactor()) }
        return left
    }

    private mutating func parseFactor() throws(TargetError) -> CompoundExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 100 else { throw failure("nested deeper than 100") }
        if take("not") {
            // Salt's minions cannot evaluate it, and all sides must agree on who is meant.
            guard peek != "not" else { throw failure("'not not': leave both out") }
            return .not(try parseFactor())
        }
        if take("(") {
            let inner = try parseOr()
            guard take(")") else { throw failure("')' is missing") }
            return inner
        }
        guard let word = peek else { throw failure("it ends where a target is expected") }
        guard !["and", "or", ")"].contains(word) else { throw failure("'\(word)' where a target is expected") }
        position += 1
        return try CompoundExpression.term(word, nodegroups: nodegroups, openGroups: openGroups)
    }

    private var peek: String? { position < words.count ? words[position] : nil }

    private mutating func take(_ word: String) -> Bool {
        guard peek == word else { return false }
        position += 1
        return true
    }

    private func failure(_ reason: String) -> TargetError {
        .invalidExpression(text.count > 80 ? text.prefix(80) + "…" : text, reason: reason)
    }
}
