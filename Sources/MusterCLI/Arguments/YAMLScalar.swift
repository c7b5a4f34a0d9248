import MusterCore

/// What an unquoted YAML 1.1 scalar means to PyYAML, which is what every Salt argument goes through.
///
/// Source: PyYAML 6, `resolver.py` and `constructor.py`, with Salt's change that a leading zero does not mean octal.
enum YAMLScalar: Equatable {
    case null
    case bool(Bool)
    case int(Value)
    case float(Double)
    /// A date or a time: Salt leaves them text, PyYAML writes such texts in quotes.
    case timestamp
    /// `<<`, `=` and a lone `!`, `&` or `*`: not text, and nothing else either.
    case special
    case text

    init(_ plain: String) {
        let bytes = Array(plain.utf8)
        switch plain {
        case "", "~", "null", "Null", "NULL": self = .null
        case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": self = .bool(true)
        case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": self = .bool(false)
        case "<<", "=", "!", "&", "*": self = .special
        default:
            if let number = YAMLScalar.integer(bytes) {
                self = .int(number)
            } else if let number = YAMLScalar.float(bytes) {
                self = .float(number)
            } else {
                self = YAMLScalar.isTimestamp(bytes) ? .timestamp : .text
            }
        }
    }

    /// Nil when the text is no integer; an integer beyond 64 bits stays text, as no node could be sent it.
    private static func integer(_ text: [UInt8]) -> Value? {
        let isNegative = text.first == UInt8(ascii: "-")
        let isSigned = isNegative || text.first == UInt8(ascii: "+")
        let body = text.dropFirst(isSigned ? 1 : 0)
        guard let first = body.first, isDigit(first) else { return nil }
        if body.starts(with: "0b".utf8) {
            return number(body.dropFirst(2), radix: 2, isNegative: isNegative)
        }
        if body.starts(with: "0x".utf8) {
            return number(body.dropFirst(2), radix: 16, isNegative: isNegative)
        }
        if body.contains(UInt8(ascii: ":")) {
            guard first != UInt8(ascii: "0") else { return nil }
            return sexagesimal(body, isNegative: isNegative)
        }
        guard first == UInt8(ascii: "0"), body.count > 1 else {
            return number(body, radix: 10, isNegative: isNegative)
        }
        // Python's octal form; Salt takes the zeros away first when there is no sign.
        guard body.allSatisfy({ (0x30...0x37).contains($0) || $0 == UInt8(ascii: "_") }) else { return nil }
        return number(body, radix: isSigned ? 8 : 10, isNegative: isNegative)
    }

    private static func number(_ digits: ArraySlice<UInt8>, radix: Int, isNegative: Bool) -> Value? {
        let plain = digits.filter { $0 != UInt8(ascii: "_") }
        guard !plain.isEmpty, plain.allSatisfy({ isDigit($0) || (radix == 16 && isHexLetter($0)) }) else { return nil }
        let text = (isNegative ? "-" : "") + String(decoding: plain, as: UTF8.self)
        if let number = Int64(text, radix: radix) { return .int(number) }
        return UInt64(text, radix: radix).map { Value(unsigned: $0) }
    }

    /// `12:30` is 750: base 60.
    private static func sexagesimal(_ body: ArraySlice<UInt8>, isNegative: Bool) -> Value? {
        let parts = body.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var total: Int64 = 0
        for (index, part) in parts.enumerated() {
            let digits = index == 0 ? part.filter { $0 != UInt8(ascii: "_") } : Array(part)
            guard (1...(index == 0 ? 15 : 2)).contains(digits.count), digits.allSatisfy(isDigit),
                let number = Int64(String(decoding: digits, as: UTF8.self)), index == 0 || number < 60
            else { return nil }
            let (scaled, overflow) = total.multipliedReportingOverflow(by: 60)
            guard !overflow else { return nil }
            total = scaled + number
        }
        return .int(isNegative ? -total : total)
    }

    private static func float(_ text: [UInt8]) -> Double? {
        let isNegative = text.first == UInt8(ascii: "-")
        let body = text.dropFirst(isNegative || text.first == UInt8(ascii: "+") ? 1 : 0)
        switch String(decoding: body, as: UTF8.self) {
        case ".inf", ".Inf", ".INF": return isNegative ? -.infinity : .infinity
        case ".nan", ".NaN", ".NAN": return body.count == text.count ? .nan : nil
        default: break
        }
        guard let point = body.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        let whole = body[..<point]
        if whole.contains(UInt8(ascii: ":")) { return sexagesimalFloat(body, point: point, isNegative: isNegative) }
        guard whole.allSatisfy(isDigitOrUnderscore), whole.first.map(isDigit) ?? (body.count == text.count) else { return nil }
        let rest = body[body.index(after: point)...]
        let exponent = rest.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? rest.endIndex
        let fraction = rest[..<exponent]
        guard fraction.allSatisfy(isDigitOrUnderscore) else { return nil }
        guard !whole.isEmpty || fraction.first.map(isDigit) == true else { return nil }
        if exponent != rest.endIndex {
            let power = rest[exponent...].dropFirst()
            guard power.first == UInt8(ascii: "+") || power.first == UInt8(ascii: "-"), power.count > 1,
                power.dropFirst().allSatisfy(isDigit)
            else { return nil }
        }
        var digits = body.filter { $0 != UInt8(ascii: "_") }
        if digits.first == UInt8(ascii: ".") { digits.insert(UInt8(ascii: "0"), at: 0) }
        if digits.last == UInt8(ascii: ".") { digits.append(UInt8(ascii: "0")) }
        let plain = String(decoding: digits, as: UTF8.self).replacing(".e", with: ".0e").replacing(".E", with: ".0e")
        return Double(plain).map { isNegative ? -$0 : $0 }
    }

    private static func sexagesimalFloat(
        _ body: ArraySlice<UInt8>, point: Int, isNegative: Bool
    ) -> Double? {
        guard let whole = sexagesimal(body[..<point], isNegative: false)?.double else { return nil }
        let rest = body[(point + 1)...]
        guard rest.allSatisfy(isDigitOrUnderscore) else { return nil }
        let digits = rest.filter(isDigit)
        let fraction = Double("0." + (digits.isEmpty ? "0" : String(decoding: digits, as: UTF8.self))) ?? 0
        return isNegative ? -(whole + fraction) : whole + fraction
    }

    /// `2024-01-02`, or a date and a time with any of YAML's separators and zones.
    private static func isTimestamp(_ text: [UInt8]) -> Bool {
        var scanner = Scanner(text: text)
        guard scanner.digits(4...4), scanner.take("-") else { return false }
        let month = scanner.digitCount(upTo: 2)
        guard month >= 1, scanner.take("-") else { return false }
        let day = scanner.digitCount(upTo: 2)
        guard day >= 1 else { return false }
        if scanner.isAtEnd { return month == 2 && day == 2 }
        guard scanner.take("T") || scanner.take("t") || scanner.blanks() else { return false }
        guard scanner.digits(1...2), scanner.take(":"), scanner.digits(2...2), scanner.take(":"), scanner.digits(2...2) else {
            return false
        }
        if scanner.take(".") { _ = scanner.digitCount(upTo: .max) }
        if scanner.isAtEnd { return true }
        _ = scanner.blanks()
        if scanner.take("Z") { return scanner.isAtEnd }
        guard scanner.take("+") || scanner.take("-"), scanner.digits(1...2) else { return false }
        if scanner.take(":"), !scanner.digits(2...2) { return false }
        return scanner.isAtEnd
    }

    private struct Scanner {
        let text: [UInt8]
        var position = 0

        init(text: [UInt8]) { self.text = text }

        var isAtEnd: Bool { position == text.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard position < text.count, UInt32(text[position]) == character.value else { return false }
            position += 1
            return true
        }

        mutating func digitCount(upTo limit: Int) -> Int {
            let start = position
            while position < text.count, position - start < limit, YAMLScalar.isDigit(text[position]) { position += 1 }
            return position - start
        }

        mutating func digits(_ count: ClosedRange<Int>) -> Bool { count.contains(digitCount(upTo: count.upperBound)) }

        mutating func blanks() -> Bool {
            let start = position
            while position < text.count, text[position] == 0x20 || text[position] == 0x09 { position += 1 }
            return position > start
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isDigitOrUnderscore(_ byte: UInt8) -> Bool { isDigit(byte) || byte == UInt8(ascii: "_") }
    private static func isHexLetter(_ byte: UInt8) -> Bool { (0x61...0x66).contains(byte | 0x20) }
}
