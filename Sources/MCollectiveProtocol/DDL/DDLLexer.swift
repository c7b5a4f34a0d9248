/// The words of a DDL file: the tokens of Ruby that literals, calls and blocks are made of.
struct DDLToken: Sendable {
    enum Kind: Hashable, Sendable {
        /// A name: of a statement, a variable, or a method behind a dot.
        case name(String)
        case symbol(String)
        /// A text in parts, so that what is interpolated can be put in.
        case text([DDLTextPart])
        case number(RubyValue)
        case regexp(RubyRegexp)
        /// `%w{a b}`
        case words([String])
        /// `name:` in front of a value.
        case label(String)
        /// `=>`, `,`, brackets, `|`, `.`, `+` and the like.
        case mark(String)
        case lineEnd
    }

    var kind: Kind
    var line: Int
}

/// A part of a text in double quotes.
enum DDLTextPart: Hashable, Sendable {
    case literal(String)
    /// What stands in `#{}`: a variable, and methods without arguments.
    case variable(String, methods: [String])
}

/// Makes tokens of a DDL file.
///
/// A here document ends its line: nothing but blanks may follow its name. Not known: `%q` and its like, ranges, operators. They are refused in their line.
struct DDLLexer {
    static let maxBytes = 1 << 18

    private let scalars: [Unicode.Scalar]
    private var offset = 0
    private var line = 1
    private var tokens: [DDLToken] = []

    static func tokens(_ bytes: [UInt8]) throws(DDLError) -> [DDLToken] {
        guard bytes.count <= maxBytes else { throw DDLError(line: 1, .tooLong(limit: maxBytes)) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw DDLError(line: 1, .notUTF8) }
        var lexer = DDLLexer(scalars: Array(text.unicodeScalars))
        while try lexer.next() {}
        lexer.append(.lineEnd)
        return lexer.tokens
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        offset + ahead < scalars.count ? scalars[offset + ahead] : nil
    }

    private mutating func append(_ kind: DDLToken.Kind) { tokens.append(DDLToken(kind: kind, line: line)) }

    private func failure(_ problem: DDLError.Problem) -> DDLError { DDLError(line: line, problem) }

    /// Whether a value may begin here, so that a slash begins a pattern and is no division.
    private var isBeforeValue: Bool {
        switch tokens.last?.kind {
        case nil, .mark, .lineEnd, .label: true
        case .name, .symbol, .text, .number, .regexp, .words: false
        }
    }

    private mutating func next() throws(DDLError) -> Bool {
        guard let scalar = peek() else { return false }
        switch scalar {
        case "\n", ";":
            offset += 1
            append(.lineEnd)
            if scalar == "\n" { line += 1 }
        case " ", "\t", "\r": offset += 1
        case "\\" where peek(1) == "\n":
            offset += 2
            line += 1
        case "#": while let next = peek(), next != "\n" { offset += 1 }
        case "\"": append(.text(try doubleQuoted()))
        case "'": append(.text([.literal(try singleQuoted())]))
        case ":" where peek(1) == "\"":
            offset += 1
            guard case .literal(let name)? = try doubleQuoted().first else { throw failure(.unexpected(":\"\"")) }
            append(.symbol(name))
        case ":" where peek(1).map(DDLLexer.isName) == true:
            offset += 1
            append(.symbol(name()))
        case "/" where isBeforeValue: append(.regexp(try regexp()))
        case "%" where peek(1) == "w" && isBeforeValue: append(.words(try words()))
        case "<" where peek(1) == "<": append(.text([.literal(try hereDocument())]))
        case "=" where peek(1) == ">":
            offset += 2
            append(.mark("=>"))
        case ",", "[", "]", "{", "}", "(", ")", "|", ".", "+":
            offset += 1
            append(.mark(String(Character(scalar))))
        case _ where (0x30...0x39).contains(scalar.value) || (scalar == "-" && isDigit(peek(1))): try number()
        case _ where DDLLexer.isName(scalar): nameOrLabel()
        default: throw failure(.unexpected(String(Character(scalar))))
        }
        return true
    }

    private static func isName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || (0x30...0x39).contains(scalar.value)
    }

    private func isDigit(_ scalar: Unicode.Scalar?) -> Bool { scalar.map { (0x30...0x39).contains($0.value) } ?? false }

    private mutating func name() -> String {
        let start = offset
        while let next = peek(), DDLLexer.isName(next) { offset += 1 }
        if let next = peek(), next == "?" || next == "!" { offset += 1 }
        return String(String.UnicodeScalarView(scalars[start..<offset]))
    }

    private mutating func nameOrLabel() {
        let name = name()
        if peek() == ":", peek(1) != ":" {
            offset += 1
            return append(.label(name))
        }
        append(.name(name))
    }

    private mutating func number() throws(DDLError) {
        let start = offset
        offset += 1
        while let next = peek(), isDigit(next) || next == "_" || (next == "." && isDigit(peek(1))) { offset += 1 }
        let text = String(String.UnicodeScalarView(scalars[start..<offset])).replacing("_", with: "")
        if let number = Int64(text) { return append(.number(.int(number))) }
        guard let number = Double(text) else { throw failure(.unexpected(text)) }
        append(.number(.double(number)))
    }

    // MARK: Texts

    private mutating func singleQuoted() throws(DDLError) -> String {
        offset += 1
        var text = ""
        while let next = peek() {
            offset += 1
            if next == "'" { return text }
            if next == "\n" { line += 1 }
            if next == "\\", let escaped = peek(), escaped == "'" || escaped == "\\" {
                offset += 1
                text.unicodeScalars.append(escaped)
            } else {
                text.unicodeScalars.append(next)
            }
        }
        throw failure(.unfinishedText)
    }

    private mutating func doubleQuoted() throws(DDLError) -> [DDLTextPart] {
        offset += 1
        var parts: [DDLTextPart] = []
        var text = ""
        while let next = peek() {
            offset += 1
            switch next {
            case "\"":
                if !text.isEmpty || parts.isEmpty { parts.append(.literal(text)) }
                return parts
            case "#" where peek() == "{":
                if !text.isEmpty { parts.append(.literal(text)) }
                text = ""
                parts.append(try interpolation())
            case "\\":
                guard let escaped = peek() else { throw failure(.unfinishedText) }
                offset += 1
                if escaped == "\n" { line += 1 }
                let known: [Unicode.Scalar: String] = [
                    "n": "\n", "t": "\t", "r": "\r", "e": "\u{1b}", "0": "\0", "\n": "",
                ]
                text += known[escaped] ?? String(Character(escaped))
            default:
                if next == "\n" { line += 1 }
                text.unicodeScalars.append(next)
            }
        }
        throw failure(.unfinishedText)
    }

    /// The lines up to one that holds the name alone; `<<~` takes the indentation that all of them have away.
    private mutating func hereDocument() throws(DDLError) -> String {
        offset += 2
        let mark = peek()
        if mark == "-" || mark == "~" { offset += 1 }
        let quote = peek().flatMap { $0 == "'" || $0 == "\"" ? $0 : nil }
        if quote != nil { offset += 1 }
        let name = name()
        if quote != nil { offset += 1 }
        var lines = String(String.UnicodeScalarView(scalars[min(offset, scalars.count)...]))
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard !name.isEmpty, lines.first?.allSatisfy(\.isWhitespace) == true else { throw failure(.unexpected("<<")) }
        let isIndented = mark == "-" || mark == "~"
        let end = lines.dropFirst().firstIndex { isIndented ? String($0).trimmingBlanks == name : $0 == name }
        guard let end else { throw failure(.unfinishedText) }
        offset += lines[...end].reduce(end) { $0 + $1.unicodeScalars.count }
        lines = Array(lines[1..<end])
        if let code = lines.first(where: { $0.contains("#{") }), quote != "'" {
            throw failure(.notLiteral(String(code)))
        }
        line += lines.count + 1
        let spaces = lines.filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { $0.dropFirst(mark == "~" ? spaces : 0) + "\n" }.joined()
    }

    private mutating func interpolation() throws(DDLError) -> DDLTextPart {
        let start = offset + 1
        while let next = peek(), next != "}", next != "\n" { offset += 1 }
        guard peek() == "}" else { throw failure(.unfinishedText) }
        let code = String(String.UnicodeScalarView(scalars[start..<offset]))
        offset += 1
        let names = code.split(separator: ".", omittingEmptySubsequences: false).map { String($0).trimmingBlanks }
        guard let variable = names.first,
            names.allSatisfy({ !$0.isEmpty && $0.unicodeScalars.allSatisfy(DDLLexer.isName) })
        else { throw failure(.notLiteral(code)) }
        return .variable(variable, methods: Array(names.dropFirst()))
    }

    private mutating func regexp() throws(DDLError) -> RubyRegexp {
        offset += 1
        var source = ""
        while let next = peek(), next != "\n" {
            offset += 1
            if next == "/" { return RubyRegexp(source, options: regexpOptions()) }
            source.unicodeScalars.append(next)
            if next == "\\", let escaped = peek() {
                offset += 1
                source.unicodeScalars.append(escaped)
            }
        }
        throw failure(.unfinishedText)
    }

    private mutating func regexpOptions() -> RubyRegexp.Options {
        var options: RubyRegexp.Options = []
        let letters: [Unicode.Scalar: RubyRegexp.Options] = ["i": .ignoreCase, "x": .extended, "m": .multiLine]
        while let next = peek(), let option = letters[next] {
            options.insert(option)
            offset += 1
        }
        return options
    }

    private mutating func words() throws(DDLError) -> [String] {
        let closing: [Unicode.Scalar: Unicode.Scalar] = ["{": "}", "[": "]", "(": ")", "<": ">", "|": "|"]
        guard let open = peek(2), let close = closing[open] else { throw failure(.unexpected("%w")) }
        offset += 3
        let start = offset
        while let next = peek(), next != close {
            if next == "\n" { line += 1 }
            offset += 1
        }
        guard peek() == close else { throw failure(.unfinishedText) }
        let text = String(String.UnicodeScalarView(scalars[start..<offset]))
        offset += 1
        return text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
