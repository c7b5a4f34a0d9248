/// Reads the statements of a DDL file. Nothing is ever evaluated; two things that files use are unrolled:
///
///     statement = name [ "(" ] [ argument { "," argument } ] [ ")" ] [ "do" { statement } "end" ]
///     argument  = value | value "=>" value | name ":" value | name "(" … ")"
///     value     = text { [ "+" ] text } | symbol | number | regexp | "true" | "false" | "nil"
///               | "[" … "]" | "{" … "}" | "%w" … | variable [ "." method ]
///     loop      = "[" … "]" ".each" "do" "|" variable "|" { statement } "end"
///
/// Variables are those of loops; the methods on them are `capitalize`, `upcase`, `downcase` and `to_s`.
struct DDLStatementReader {
    static let maxDepth = 32
    static let maxStatements = 5000

    private let tokens: [DDLToken]
    private var place = 0
    private var variables: [String: RubyValue] = [:]
    private var statements = 0

    static func statements(_ bytes: [UInt8]) throws(DDLError) -> [DDLStatement] {
        var reader = DDLStatementReader(tokens: try DDLLexer.tokens(bytes))
        return try reader.block(depth: 0, isInner: false)
    }

    private init(tokens: [DDLToken]) { self.tokens = tokens }

    private var peek: DDLToken.Kind? { place < tokens.count ? tokens[place].kind : nil }

    private var line: Int { tokens[min(place, tokens.count - 1)].line }

    private mutating func take(_ kind: DDLToken.Kind) -> Bool {
        guard peek == kind else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ kind: DDLToken.Kind) throws(DDLError) {
        guard take(kind) else { throw unexpected() }
    }

    private mutating func skipLineEnds() { while take(.lineEnd) {} }

    private func unexpected() -> DDLError { DDLError(line: line, .unexpected(DDLStatementReader.text(of: peek))) }

    private static func text(of kind: DDLToken.Kind?) -> String {
        switch kind {
        case .name(let name): name
        case .symbol(let name): ":\(name)"
        case .label(let name): "\(name):"
        case .mark(let mark): mark
        case .number(let number): RubyText.inspect(number)
        case .text: "a text"
        case .regexp: "a pattern"
        case .words: "%w"
        case .lineEnd: "the end of the line"
        case nil: "the end of the file"
        }
    }

    // MARK: Statements

    private mutating func block(depth: Int, isInner: Bool) throws(DDLError) -> [DDLStatement] {
        guard depth <= DDLStatementReader.maxDepth else {
            throw DDLError(line: line, .tooDeep(limit: DDLStatementReader.maxDepth))
        }
        var found: [DDLStatement] = []
        while true {
            skipLineEnds()
            switch peek {
            case nil:
                guard !isInner else { throw unexpected() }
                return found
            case .name("end") where isInner:
                place += 1
                return found
            case .mark("["), .words: found += try loop(depth: depth)
            case .name(let name): found.append(try statement(name, depth: depth))
            default: throw unexpected()
            }
        }
    }

    private mutating func count() throws(DDLError) {
        statements += 1
        guard statements <= DDLStatementReader.maxStatements else {
            throw DDLError(line: line, .tooManyStatements(limit: DDLStatementReader.maxStatements))
        }
    }

    private mutating func statement(_ name: String, depth: Int) throws(DDLError) -> DDLStatement {
        try count()
        guard !["if", "unless", "while", "case", "def", "class", "module", "begin", "require"].contains(name) else {
            throw DDLError(line: line, .notLiteral(name))
        }
        var statement = DDLStatement(name: name, line: line)
        place += 1
        let hasParenthesis = take(.mark("("))
        while let next = peek, next != .lineEnd, next != .name("do"), next != .mark(")") {
            try argument(of: &statement, depth: depth + 1)
            guard take(.mark(",")) else { break }
            skipLineEnds()
        }
        if hasParenthesis {
            skipLineEnds()
            try expect(.mark(")"))
        }
        if take(.name("do")) { statement.body = try block(depth: depth + 1, isInner: true) }
        guard peek == nil || peek == .lineEnd || peek == .name("end") else { throw unexpected() }
        return statement
    }

    /// Reads the block once for each element.
    private mutating func loop(depth: Int) throws(DDLError) -> [DDLStatement] {
        let start = line
        guard case .array(let elements) = try value(depth: depth + 1) else { throw unexpected() }
        try expect(.mark("."))
        guard take(.name("each")) else { throw DDLError(line: start, .notLiteral(DDLStatementReader.text(of: peek))) }
        let isBraced = take(.mark("{"))
        if !isBraced { try expect(.name("do")) }
        try expect(.mark("|"))
        guard !isBraced, case .name(let variable)? = peek else { throw unexpected() }
        place += 1
        try expect(.mark("|"))
        let outer = variables
        let body = place
        var found: [DDLStatement] = []
        for element in elements {
            try count()
            place = body
            variables[variable] = element
            found += try block(depth: depth + 1, isInner: true)
        }
        guard !elements.isEmpty else { throw DDLError(line: start, .missing("an element of the loop")) }
        variables = outer
        return found
    }

    private mutating func argument(of statement: inout DDLStatement, depth: Int) throws(DDLError) {
        skipLineEnds()
        if case .label(let name)? = peek {
            place += 1
            skipLineEnds()
            statement.options[.symbol(name)] = try value(depth: depth)
            return
        }
        if case .name(let function)? = peek, place + 1 < tokens.count, tokens[place + 1].kind == .mark("(") {
            var call = DDLStatement(name: function, line: line)
            place += 2
            while let next = peek, next != .mark(")") {
                try argument(of: &call, depth: depth + 1)
                skipLineEnds()
                guard take(.mark(",")) else { break }
            }
            skipLineEnds()
            try expect(.mark(")"))
            statement.call = DDLCall(function: function, arguments: call.arguments, options: call.options)
            return
        }
        let first = try value(depth: depth)
        guard take(.mark("=>")) else { return statement.arguments.append(first) }
        skipLineEnds()
        statement.options[first] = try value(depth: depth)
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(DDLError) -> RubyValue {
        guard depth <= DDLStatementReader.maxDepth else {
            throw DDLError(line: line, .tooDeep(limit: DDLStatementReader.maxDepth))
        }
        guard let kind = peek else { throw unexpected() }
        switch kind {
        case .text: return .text(try text())
        case .symbol(let name):
            place += 1
            return .symbol(name)
        case .number(let number):
            place += 1
            return number
        case .regexp(let regexp):
            place += 1
            return .regexp(regexp)
        case .words(let words):
            place += 1
            return .array(words.map { .text($0) })
        case .name(let name): return try named(name)
        case .mark("["): return .array(try elements(depth: depth))
        case .mark("{"): return .hash(try pairs(depth: depth))
        case .mark, .label, .lineEnd: throw unexpected()
        }
    }

    private mutating func named(_ name: String) throws(DDLError) -> RubyValue {
        let line = line
        place += 1
        switch name {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "nil": return .null
        default: break
        }
        var methods: [String] = []
        while take(.mark(".")) {
            guard case .name(let method)? = peek else { throw unexpected() }
            methods.append(method)
            place += 1
        }
        return try variable(name, methods, line: line)
    }

    private func variable(_ name: String, _ methods: [String], line: Int) throws(DDLError) -> RubyValue {
        guard var value = variables[name] else { throw DDLError(line: line, .notLiteral(name)) }
        for method in methods {
            let text = RubyText.text(of: value)
            switch method {
            case "capitalize": value = .text(text.prefix(1).uppercased() + text.dropFirst().lowercased())
            case "upcase": value = .text(text.uppercased())
            case "downcase": value = .text(text.lowercased())
            case "to_s": value = .text(text)
            case "to_sym": value = .symbol(text)
            default: throw DDLError(line: line, .notLiteral("\(name).\(method)"))
            }
        }
        return value
    }

    /// Texts one behind the other, or joined by `+`, are one.
    private mutating func text() throws(DDLError) -> String {
        var text = ""
        while case .text(let parts)? = peek {
            for part in parts {
                switch part {
                case .literal(let literal): text += literal
                case .variable(let name, let methods):
                    text += RubyText.text(of: try variable(name, methods, line: line))
                }
            }
            // A variable can stand in a text many times.
            guard text.utf8.count <= DDLLexer.maxBytes else {
                throw DDLError(line: line, .tooLong(limit: DDLLexer.maxBytes))
            }
            place += 1
            if take(.mark("+")) {
                skipLineEnds()
                guard case .text? = peek else { throw unexpected() }
            }
        }
        return text
    }

    private mutating func elements(depth: Int) throws(DDLError) -> [RubyValue] {
        place += 1
        var elements: [RubyValue] = []
        skipLineEnds()
        while !take(.mark("]")) {
            elements.append(try value(depth: depth + 1))
            skipLineEnds()
            guard take(.mark(",")) || peek == .mark("]") else { throw unexpected() }
            skipLineEnds()
        }
        return elements
    }

    private mutating func pairs(depth: Int) throws(DDLError) -> RubyHash {
        place += 1
        var pairs: RubyHash = [:]
        skipLineEnds()
        while !take(.mark("}")) {
            let key: RubyValue
            if case .label(let name)? = peek {
                place += 1
                key = .symbol(name)
            } else {
                key = try value(depth: depth + 1)
                skipLineEnds()
                try expect(.mark("=>"))
            }
            skipLineEnds()
            pairs[key] = try value(depth: depth + 1)
            skipLineEnds()
            guard take(.mark(",")) || peek == .mark("}") else { throw unexpected() }
            skipLineEnds()
        }
        return pairs
    }
}
