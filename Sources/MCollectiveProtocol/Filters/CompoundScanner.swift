/// Makes tokens of the text of `-S`.
///
///     token     = "(" | ")" | "!" | word | function | statement
///     word      = ( "and" | "or" | "not" ) before a blank or "("
///     statement = text up to a blank or ")", with blanks around OP and in quotes and /patterns/
///     function  = name "(" [ quoted { "," quoted } ] ")" [ "." output ] OP value
///     OP        = ">=" | "<=" | "!=" | "=" | "<" | ">"
///
/// Tolerances: a word at the very end is a statement, as in the reference, where a lone `and` is a class. In functions
/// `=` is written `==`, and before a pattern `=~`; `!=` before a pattern is `!=~`.
///
/// Source: MCollective 2.12, `matcher/scanner.rb`, `matcher/parser.rb`, `matcher.rb`, `create_function_hash`.
struct CompoundScanner {
    private let text: [Character]
    private var offset = 0

    /// The tokens with the offsets, in characters, at which they begin.
    static func tokens(
        _ text: String
    ) throws(FilterError) -> [(token: CompoundFilter.Token, offset: Int)] {
        guard text.utf8.count <= 65_536 else {
            throw .invalidCompound(String(text.prefix(80)), offset: 80, problem: .tooLong)
        }
        var scanner = CompoundScanner(text)
        var tokens: [(token: CompoundFilter.Token, offset: Int)] = []
        while let next = try scanner.next() { tokens.append(next) }
        return tokens
    }

    private init(_ text: String) { self.text = Array(text) }

    private func character(_ place: Int) -> Character? { place < text.count ? text[place] : nil }

    private func malformed(_ start: Int) -> FilterError {
        .invalidCompound(String(text), offset: start, problem: .malformedToken)
    }

    private mutating func next() throws(FilterError) -> (token: CompoundFilter.Token, offset: Int)? {
        while character(offset)?.isWhitespace == true { offset += 1 }
        let start = offset
        switch character(offset) {
        case nil: return nil
        case "(":
            offset += 1
            return (.open, start)
        case ")":
            offset += 1
            return (.close, start)
        case "!":
            offset += 1
            return (.not, start)
        default: break
        }
        for (word, token) in [("and", CompoundFilter.Token.and), ("or", .or), ("not", .not)] where isWord(word) {
            offset += word.count
            return (token, start)
        }
        return (try statement(), start)
    }

    private func isWord(_ word: String) -> Bool {
        guard text[offset...].starts(with: word), let next = character(offset + word.count) else { return false }
        return next == "(" || next.isWhitespace
    }

    // MARK: Statements

    private mutating func statement() throws(FilterError) -> CompoundFilter.Token {
        let start = offset
        let name = try word(start)
        if character(offset) == "(" { return .function(try function(name, start)) }
        guard let mark = comparison() else {
            // A value in front, or a pattern with an operator behind it, tests nothing.
            guard !name.isEmpty else { throw malformed(start) }
            return .statement(name)
        }
        let value = try operand(start)
        guard !name.isEmpty, !name.hasPrefix("/"), !value.isEmpty else { throw malformed(start) }
        return .statement(name + mark + value)
    }

    /// A name, or a /pattern/ of classes: up to a blank, an operator or a parenthesis.
    private mutating func word(_ start: Int) throws(FilterError) -> String {
        if character(offset) == "/" { return try pattern(start) }
        var word = ""
        while let next = character(offset), !next.isWhitespace, !"()=<>".contains(next),
            !(next == "!" && character(offset + 1) == "=")
        {
            if next == "\"" || next == "'" {
                word += try quoted(start)
            } else {
                word.append(next)
                offset += 1
            }
        }
        return word
    }

    /// An operator with the blanks around it; nil, and nothing read, when there is none.
    private mutating func comparison() -> String? {
        let start = offset
        while character(offset)?.isWhitespace == true { offset += 1 }
        for mark in [">=", "<=", "!=", "=", "<", ">"] where text[offset...].starts(with: mark) {
            offset += mark.count
            while character(offset)?.isWhitespace == true { offset += 1 }
            return mark
        }
        offset = start
        return nil
    }

    /// What stands behind an operator: a /pattern/, or text up to a blank or a parenthesis that closes.
    private mutating func operand(_ start: Int) throws(FilterError) -> String {
        if character(offset) == "/" {
            let pattern = try pattern(start)
            guard character(offset).map({ $0.isWhitespace || $0 == ")" }) ?? true else { throw malformed(start) }
            return pattern
        }
        var operand = ""
        while let next = character(offset), !next.isWhitespace, next != ")" {
            if next == "\"" || next == "'" {
                operand += try quoted(start)
            } else {
                operand.append(next)
                offset += 1
            }
        }
        return operand
    }

    /// A pattern with its slashes; a slash within follows a backslash.
    private mutating func pattern(_ start: Int) throws(FilterError) -> String {
        var pattern = "/"
        offset += 1
        while let next = character(offset) {
            offset += 1
            pattern.append(next)
            if next == "/" { return pattern }
            if next == "\\", let escaped = character(offset) {
                pattern.append(escaped)
                offset += 1
            }
        }
        throw malformed(start)
    }

    /// What stands in quotes, without them.
    private mutating func quoted(_ start: Int) throws(FilterError) -> String {
        let quote = text[offset]
        offset += 1
        var quoted = ""
        while let next = character(offset) {
            offset += 1
            if next == quote { return quoted }
            quoted.append(next)
        }
        throw malformed(start)
    }

    // MARK: Functions

    private mutating func function(_ name: String, _ start: Int) throws(FilterError) -> DataFunction {
        offset += 1
        let query = try parameters(start)
        var output = ""
        if character(offset) == "." {
            offset += 1
            while let next = character(offset), next.isLetter || next.isNumber || next == "_" {
                output.append(next)
                offset += 1
            }
        }
        guard !name.isEmpty, !output.isEmpty, let mark = comparison() else { throw malformed(start) }
        let value = try operand(start)
        guard !value.isEmpty else { throw malformed(start) }
        let call = DataCall(name, query)
        if value.count > 1, value.hasPrefix("/"), value.hasSuffix("/") {
            let regexp = RubyRegexp(String(value.dropFirst().dropLast()))
            switch mark {
            case "=": return DataFunction(call, output: output, .matches, .regexp(regexp))
            case "!=": return DataFunction(call, output: output, .matchesNot, .regexp(regexp))
            default: throw malformed(start)
            }
        }
        guard let sign = mark == "=" ? .equal : DataFunction.Operator(rawValue: mark) else { throw malformed(start) }
        return DataFunction(call, output: output, sign, .text(value))
    }

    /// What stands between the first quote and the last, as it stands; nil when the parentheses are empty.
    private mutating func parameters(_ start: Int) throws(FilterError) -> String? {
        var content: Range<Int>?
        while let next = character(offset) {
            switch next {
            case ")":
                offset += 1
                return content.map { String(text[$0]) }
            case "\"", "'":
                let first = content?.lowerBound ?? offset + 1
                _ = try quoted(start)
                content = first..<(offset - 1)
            case ",", " ": offset += 1
            default: throw malformed(start)
            }
        }
        throw malformed(start)
    }
}

extension CompoundFilter {
    /// Reads the argument of `-S`.
    package init(argument text: String) throws(FilterError) {
        let tokens = try CompoundScanner.tokens(text)
        do {
            try self.init(tokens.map(\.token))
        } catch {
            let offset = error.index < tokens.count ? tokens[error.index].offset : text.count
            throw .invalidCompound(text, offset: offset, problem: error.problem)
        }
    }
}
