/// Cuts a selector into tokens.
///
///     text    = "'" *( CHAR / "''" ) "'"
///     number  = [ "-" / "+" ] digits [ "." digits ] [ "e" [ "-" / "+" ] digits ]
///     name    = ( letter / "_" / "$" ) *( letter / digit / "_" / "$" / "." / "-" )
///
/// A name may have a hyphen in it, which JMS forbids and STOMP headers have (`content-type`); ActiveMQ wants such a name
/// in double quotes, which we take, too. Keywords are words in any case.
struct SelectorLexer {
    enum Token: Hashable {
        case name(String)
        case text(String)
        case number(Double)
        case keyword(Keyword)
        case symbol(Symbol)
        case end
    }

    enum Keyword: String, CaseIterable {
        case and, or, not, `in`, like, escape, between, `is`, null, `true`, `false`
    }

    enum Symbol: String, CaseIterable {
        // Longest first.
        case notEqual = "<>"
        case notEqualC = "!="
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case equal = "="
        case less = "<"
        case greater = ">"
        case open = "("
        case close = ")"
        case comma = ","
        case plus = "+"
        case times = "*"
        case divide = "/"
        case minus = "-"
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// All tokens with the offsets of their first bytes; the last one is `.end`.
    static func tokens(of text: String) throws(SelectorError) -> [(token: Token, offset: Int)] {
        var lexer = SelectorLexer(text)
        var tokens: [(token: Token, offset: Int)] = []
        repeat {
            lexer.skipBlanks()
            let offset = lexer.position
            tokens.append((try lexer.next(), offset))
        } while tokens.last?.token != .end
        return tokens
    }

    private mutating func skipBlanks() {
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    }

    private mutating func next() throws(SelectorError) -> Token {
        guard position < bytes.count else { return .end }
        let byte = bytes[position]
        if byte == UInt8(ascii: "'") { return .text(try quoted(by: byte)) }
        if byte == UInt8(ascii: "\"") { return .name(try quoted(by: byte)) }
        if isDigit(byte) || byte == UInt8(ascii: ".") { return .number(try number()) }
        if isLetter(byte) { return word() }
        for symbol in Symbol.allCases where bytes[position...].starts(with: symbol.rawValue.utf8) {
            position += symbol.rawValue.utf8.count
            return .symbol(symbol)
        }
        let character = String(decoding: bytes[position...], as: UTF8.self).first ?? "?"
        throw .unexpectedCharacter(character, offset: position)
    }

    private mutating func quoted(by quote: UInt8) throws(SelectorError) -> String {
        let start = position
        var text: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == quote {
                guard position < bytes.count, bytes[position] == quote else {
                    return String(decoding: text, as: UTF8.self)
                }
                position += 1
            }
            text.append(byte)
        }
        throw .unterminatedText(offset: start)
    }

    private mutating func number() throws(SelectorError) -> Double {
        let start = position
        while position < bytes.count, isDigit(bytes[position]) || bytes[position] == UInt8(ascii: ".") { position += 1 }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, [UInt8(ascii: "-"), UInt8(ascii: "+")].contains(bytes[position]) {
                position += 1
            }
            while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = Double(text) else { throw .malformedNumber(text, offset: start) }
        return number
    }

    private mutating func word() -> Token {
        let start = position
        while position < bytes.count, isLetter(bytes[position]) || isDigit(bytes[position]) || isInner(bytes[position])
        {
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return Keyword(rawValue: text.lowercased()).map(Token.keyword) ?? .name(text)
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte >= 0x80
    }

    private func isInner(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") }
}
