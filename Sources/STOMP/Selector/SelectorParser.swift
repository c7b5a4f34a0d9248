/// Reads a selector by recursive descent; the grammar is at ``Selector``.
struct SelectorParser {
    private typealias Token = SelectorLexer.Token

    private let tokens: [(token: SelectorLexer.Token, offset: Int)]
    private var index = 0
    private var depth = 0

    static func parse(_ text: String) throws(SelectorError) -> SelectorCondition {
        var parser = SelectorParser(tokens: try SelectorLexer.tokens(of: text))
        guard parser.token != .end else { throw .empty }
        let condition = try parser.condition()
        try parser.expect(.end, "AND, OR or the end")
        return condition
    }

    private init(tokens: [(token: SelectorLexer.Token, offset: Int)]) {
        self.tokens = tokens
    }

    // The last token is `.end`, which nothing steps over.
    private var token: Token { tokens[index].token }
    private var offset: Int { tokens[index].offset }

    private mutating func condition() throws(SelectorError) -> SelectorCondition {
        var parts = [try conjunct()]
        while take(.keyword(.or)) { parts.append(try conjunct()) }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func conjunct() throws(SelectorError) -> SelectorCondition {
        var parts = [try negation()]
        while take(.keyword(.and)) { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func negation() throws(SelectorError) -> SelectorCondition {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Selector.maxDepth else { throw .tooDeep(limit: Selector.maxDepth) }
        if take(.keyword(.not)) { return .not(try negation()) }
        guard take(.symbol(.open)) else { return try test() }
        let inner = try condition()
        try expect(.symbol(.close), "a closing parenthesis")
        return inner
    }

    private mutating func test() throws(SelectorError) -> SelectorCondition {
        if take(.keyword(.true)) { return .constant(true) }
        if take(.keyword(.false)) { return .constant(false) }
        let start = offset
        let left = try operand()
        try refuseArithmetic()
        if let comparison = takeComparison() {
            let right = try operand()
            try refuseArithmetic()
            return .compare(comparison, left, right)
        }
        guard case .header(let name) = left else {
            throw .expected("a comparison", found: found, offset: offset)
        }
        if take(.keyword(.is)) {
            let isNegated = take(.keyword(.not))
            try expect(.keyword(.null), "NULL")
            return isNegated ? .not(.isNull(name)) : .isNull(name)
        }
        let isNegated = take(.keyword(.not))
        if let test = try listOrRange(of: name) { return isNegated ? .not(test) : test }
        if isNegated { throw .expected("IN, LIKE or BETWEEN", found: found, offset: offset) }
        if case .symbol(.open) = token { throw .unsupported("the function \(name)", offset: start) }
        return .isTrue(name)
    }

    private mutating func listOrRange(of name: String) throws(SelectorError) -> SelectorCondition? {
        if take(.keyword(.in)) { return .isIn(name, try list()) }
        if take(.keyword(.like)) {
            let pattern = try text()
            guard take(.keyword(.escape)) else { return .isLike(name, LikePattern(pattern, escape: nil)) }
            let start = offset
            let escape = try text()
            guard escape.count == 1 else { throw .expected("one character", found: "'\(escape)'", offset: start) }
            return .isLike(name, LikePattern(pattern, escape: escape.first))
        }
        guard take(.keyword(.between)) else { return nil }
        let low = try operand()
        try refuseArithmetic()
        try expect(.keyword(.and), "AND")
        let high = try operand()
        try refuseArithmetic()
        return .and([.compare(.greaterOrEqual, .header(name), low), .compare(.lessOrEqual, .header(name), high)])
    }

    private mutating func list() throws(SelectorError) -> Set<String> {
        try expect(.symbol(.open), "an opening parenthesis")
        var values: Set<String> = [try text()]
        while take(.symbol(.comma)) { values.insert(try text()) }
        try expect(.symbol(.close), "a comma or a closing parenthesis")
        return values
    }

    private mutating func operand() throws(SelectorError) -> SelectorCondition.Operand {
        let isNegative = token == .symbol(.minus)
        let isSigned = take(.symbol(.minus)) || take(.symbol(.plus))
        switch token {
        case .number(let number):
            index += 1
            return .number(isNegative ? -number : number)
        case .name(let name) where !isSigned:
            index += 1
            return .header(name)
        case .text(let text) where !isSigned:
            index += 1
            return .text(text)
        // MCollective writes none of these; JMS allows `x = TRUE`.
        case .keyword(.true) where !isSigned, .keyword(.false) where !isSigned:
            defer { index += 1 }
            return .text(token == .keyword(.true) ? "true" : "false")
        case .name, .text, .keyword, .symbol, .end:
            if isSigned { throw .unsupported("arithmetic", offset: offset) }
            throw .expected("a header, a text or a number", found: found, offset: offset)
        }
    }

    private mutating func text() throws(SelectorError) -> String {
        guard case .text(let text) = token else { throw .expected("a text in quotes", found: found, offset: offset) }
        index += 1
        return text
    }

    private mutating func takeComparison() -> SelectorCondition.Comparison? {
        guard case .symbol(let symbol) = token else { return nil }
        let comparison: SelectorCondition.Comparison
        switch symbol {
        case .equal: comparison = .equal
        case .notEqual, .notEqualC: comparison = .notEqual
        case .less: comparison = .less
        case .lessOrEqual: comparison = .lessOrEqual
        case .greater: comparison = .greater
        case .greaterOrEqual: comparison = .greaterOrEqual
        case .open, .close, .comma, .plus, .minus, .times, .divide: return nil
        }
        index += 1
        return comparison
    }

    private func refuseArithmetic() throws(SelectorError) {
        guard case .symbol(let symbol) = token else { return }
        switch symbol {
        case .plus, .minus, .times, .divide: throw .unsupported("arithmetic", offset: offset)
        case .equal, .notEqual, .notEqualC, .less, .lessOrEqual, .greater, .greaterOrEqual: return
        case .open, .close, .comma: return
        }
    }

    private mutating func take(_ wanted: Token) -> Bool {
        guard token == wanted else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ wanted: Token, _ what: String) throws(SelectorError) {
        guard token == wanted else { throw .expected(what, found: found, offset: offset) }
        if wanted != .end { index += 1 }
    }

    /// The token in words, for an error.
    private var found: String {
        switch token {
        case .name(let name): name
        case .text(let text): "'\(text)'"
        case .number(let number): "\(number)"
        case .keyword(let keyword): keyword.rawValue.uppercased()
        case .symbol(let symbol): symbol.rawValue
        case .end: "the end"
        }
    }
}
