/// Why tokens are no expression: the index of the first that cannot stand where it does.
package struct CompoundError: Error, Hashable, Sendable {
    package let index: Int
    package let problem: CompoundProblem
}

/// What is wrong with a compound filter, in the words of the peers.
package enum CompoundProblem: String, Hashable, Sendable {
    case malformedToken = "Malformed token(s)"
    case parseError = "Parse errors"
    case missingParenthesis = "Missing parenthesis"
    case tooLong = "Too many tokens"
}

/// Makes an expression of tokens: `not` binds closer than `and`, and `and` closer than `or`.
struct CompoundParser {
    /// How deep parentheses and `not` may lie in each other, and how many tokens there may be.
    static let maxDepth = 100
    static let maxTokens = 2000

    private let tokens: [CompoundFilter.Token]
    private var place = 0
    private var depth = 0

    static func expression(
        _ tokens: [CompoundFilter.Token]
    ) throws(CompoundError) -> CompoundFilter.Expression {
        guard tokens.count <= maxTokens else { throw CompoundError(index: maxTokens, problem: .tooLong) }
        var parser = CompoundParser(tokens: tokens)
        let expression = try parser.either()
        guard parser.place == tokens.count else {
            throw parser.failure(parser.peek == .close ? .missingParenthesis : .parseError)
        }
        return expression
    }

    private init(tokens: [CompoundFilter.Token]) { self.tokens = tokens }

    private var peek: CompoundFilter.Token? { place < tokens.count ? tokens[place] : nil }

    private mutating func take(_ token: CompoundFilter.Token) -> Bool {
        guard peek == token else { return false }
        place += 1
        return true
    }

    private mutating func either() throws(CompoundError) -> CompoundFilter.Expression {
        var left = try both()
        while take(.or) { left = .or(left, try both()) }
        return left
    }

    private mutating func both() throws(CompoundError) -> CompoundFilter.Expression {
        var left = try factor()
        while take(.and) { left = .and(left, try factor()) }
        return left
    }

    private mutating func factor() throws(CompoundError) -> CompoundFilter.Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= CompoundParser.maxDepth else { throw failure(.tooLong) }
        let token = peek
        place += 1
        switch token {
        case .statement(let text): return .statement(text)
        case .function(let function): return .function(function)
        case .not: return .not(try factor())
        case .open:
            let inner = try either()
            guard take(.close) else { throw failure(peek == nil ? .missingParenthesis : .parseError) }
            return inner
        case .and, .or, .close, nil:
            place -= 1
            throw failure(.parseError)
        }
    }

    private func failure(_ problem: CompoundProblem) -> CompoundError { CompoundError(index: place, problem: problem) }
}
