package import MusterCore

/// What an unquoted YAML 1.1 scalar means, as PyYAML resolves it.
///
/// Grammar (PyYAML, `resolver.py`), tried in this order:
///
///     bool       yes no true false on off, each also as Yes and YES; not y and n
///     float      [-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)? | \.[0-9][0-9_]*([eE][-+][0-9]+)?
///                | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]* | [-+]?\.(inf|Inf|INF) | \.(nan|NaN|NAN)
///     int        [-+]?0b[01_]+ | [-+]?0[0-7_]+ | [-+]?(0|[1-9][0-9_]*) | [-+]?0x[0-9a-fA-F_]+
///                | [-+]?[1-9][0-9_]*(:[0-5]?[0-9])+
///     merge      <<
///     null       ~ null Null NULL, nothing at all
///     timestamp  2001-12-14, 2001-12-14 21:59:43.10 -5 …
///     value      =
///
/// Salt's difference is kept: `0644` is 644.
package enum YAMLScalar {
    /// The value of an unquoted scalar, nil when it is text.
    package static func value(of text: String) -> Value? {
        if text.isEmpty || nulls.contains(text) { return .null }
        guard let first = text.utf8.first else { return .null }
        if let flag = boolean(text) { return .bool(flag) }
        guard isDigit(first) || first == plus || first == minus || first == dot else { return nil }
        if let number = float(text) { return .double(number) }
        return integer(text)
    }

    /// Whether text must be quoted to be read back as text.
    package static func isAmbiguous(_ text: String) -> Bool {
        value(of: text) != nil || text == "<<" || text == "=" || isTimestamp(text) || isHugeInteger(text)
    }

    private static let nulls: Set<String> = ["~", "null", "Null", "NULL"]

    static func boolean(_ text: String) -> Bool? {
        switch text {
        case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": true
        case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": false
        default: nil
        }
    }

    // MARK: Numbers

    static func float(_ text: String) -> Double? {
        var scan = Scan(text)
        let sign = scan.sign()
        switch scan.rest {
        case ".inf", ".Inf", ".INF": return sign == minus ? -.infinity : .infinity
        case ".nan", ".NaN", ".NAN": return sign == nil ? .nan : nil
        default: break
        }
        var digits = String(decoding: scan.take { isDigit($0) || $0 == underscore }, as: UTF8.self)
        guard digits.first != "_" else { return nil }
        if digits.isEmpty && sign != nil { return nil }
        var sixties: [Double] = []
        if !digits.isEmpty {
            while let part = scan.sexagesimal() { sixties.append(Double(part)) }
        }
        guard scan.take(dot) else { return nil }
        let fraction = String(decoding: scan.take { isDigit($0) || $0 == underscore }, as: UTF8.self)
        if digits.isEmpty && (fraction.isEmpty || fraction.first == "_") { return nil }
        var exponent = ""
        if sixties.isEmpty, scan.take(UInt8(ascii: "e")) || scan.take(UInt8(ascii: "E")) {
            guard let sign = scan.sign() else { return nil }
            let power = scan.take(while: isDigit)
            guard !power.isEmpty else { return nil }
            exponent = "e" + String(UnicodeScalar(sign)) + String(decoding: power, as: UTF8.self)
        }
        guard scan.isAtEnd else { return nil }
        digits.removeAll { $0 == "_" }
        let plainFraction = fraction.filter { $0 != "_" }
        let last = sixties.popLast()
        guard let last else {
            let number = Double(
                (digits.isEmpty ? "0" : digits) + "." + (plainFraction.isEmpty ? "0" : plainFraction) + exponent)
            return number.map { sign == minus ? -$0 : $0 }
        }
        let whole = sixties.reduce(Double(digits) ?? 0) { $0 * 60 + $1 } * 60 + last
        let number = whole + (Double("0." + (plainFraction.isEmpty ? "0" : plainFraction)) ?? 0)
        return sign == minus ? -number : number
    }

    /// The integer; text when it has the form of one and does not fit 64 bits.
    static func integer(_ text: String) -> Value? {
        var scan = Scan(text)
        let sign = scan.sign()
        guard let first = scan.peek, isDigit(first) else { return nil }
        var body = scan.rest
        if body.hasPrefix("0b") || body.hasPrefix("0x") {
            let radix = body.hasPrefix("0b") ? 2 : 16
            let digits = body.dropFirst(2).filter { $0 != "_" }
            guard body.count > 2, !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                return nil
            }
            if radix == 2, digits.contains(where: { $0 != "0" && $0 != "1" }) { return nil }
            return number(String(digits), radix: radix, isNegative: sign == minus) ?? .string(text)
        }
        let digits = scan.take { isDigit($0) || $0 == underscore }
        if first == UInt8(ascii: "0") {
            guard scan.isAtEnd, digits.allSatisfy({ $0 <= UInt8(ascii: "7") || $0 == underscore }) else { return nil }
            body.removeAll { $0 == "_" }
            // Salt strips leading zeros, but looks for them before the sign.
            return number(body, radix: sign == nil ? 10 : 8, isNegative: sign == minus) ?? .string(text)
        }
        var sixties: [Int64] = []
        while let part = scan.sexagesimal() { sixties.append(part) }
        guard scan.isAtEnd else { return nil }
        let plain = String(decoding: digits.filter { $0 != underscore }, as: UTF8.self)
        guard let whole = number(plain, radix: 10, isNegative: false) else { return .string(text) }
        if sixties.isEmpty { return number(plain, radix: 10, isNegative: sign == minus) ?? .string(text) }
        guard var total = whole.int else { return .string(text) }
        for part in sixties {
            let (product, overflow) = total.multipliedReportingOverflow(by: 60)
            let (sum, sumOverflow) = product.addingReportingOverflow(part)
            guard !overflow, !sumOverflow else { return .string(text) }
            total = sum
        }
        return .int(sign == minus ? -total : total)
    }

    private static func number(_ digits: String, radix: Int, isNegative: Bool) -> Value? {
        if isNegative { return Int64("-" + digits, radix: radix).map(Value.int) }
        return UInt64(digits, radix: radix).map(Value.init(unsigned:))
    }

    private static func isHugeInteger(_ text: String) -> Bool {
        guard case .string = integer(text) else { return false }
        return true
    }

    // MARK: Dates

    private static func isTimestamp(_ text: String) -> Bool {
        var scan = Scan(text)
        guard scan.digits(4...4), scan.take(minus) else { return false }
        let date = scan
        if scan.digits(2...2), scan.take(minus), scan.digits(2...2), scan.isAtEnd { return true }
        scan = date
        guard scan.digits(1...2), scan.take(minus), scan.digits(1...2) else { return false }
        if !scan.take(UInt8(ascii: "T")), !scan.take(UInt8(ascii: "t")), scan.take(while: isBlank).isEmpty {
            return false
        }
        guard scan.digits(1...2), scan.take(colon), scan.digits(2...2), scan.take(colon), scan.digits(2...2) else {
            return false
        }
        if scan.take(dot) { _ = scan.take(while: isDigit) }
        if scan.isAtEnd { return true }
        _ = scan.take(while: isBlank)
        if scan.take(UInt8(ascii: "Z")) { return scan.isAtEnd }
        guard scan.sign() != nil, scan.digits(1...2) else { return false }
        if scan.take(colon), !scan.digits(2...2) { return false }
        return scan.isAtEnd
    }

    // MARK: Characters

    private static let plus = UInt8(ascii: "+")
    private static let minus = UInt8(ascii: "-")
    private static let dot = UInt8(ascii: ".")
    private static let colon = UInt8(ascii: ":")
    private static let underscore = UInt8(ascii: "_")

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// A place in the bytes of a scalar.
    private struct Scan {
        private var bytes: ArraySlice<UInt8>

        init(_ text: String) { bytes = ArraySlice(Array(text.utf8)) }

        var isAtEnd: Bool { bytes.isEmpty }
        var peek: UInt8? { bytes.first }
        var rest: String { String(decoding: bytes, as: UTF8.self) }

        mutating func take(_ byte: UInt8) -> Bool {
            guard bytes.first == byte else { return false }
            bytes.removeFirst()
            return true
        }

        mutating func take(while matches: (UInt8) -> Bool) -> ArraySlice<UInt8> {
            let taken = bytes.prefix(while: matches)
            bytes = bytes.dropFirst(taken.count)
            return taken
        }

        mutating func sign() -> UInt8? {
            guard let byte = bytes.first, byte == plus || byte == minus else { return nil }
            bytes.removeFirst()
            return byte
        }

        mutating func digits(_ count: ClosedRange<Int>) -> Bool {
            let run = bytes.prefix(count.upperBound).prefix(while: isDigit)
            bytes = bytes.dropFirst(run.count)
            return count.contains(run.count)
        }

        /// `:` and a number below 60.
        mutating func sexagesimal() -> Int64? {
            guard bytes.first == colon else { return nil }
            let run = bytes.dropFirst().prefix(2).prefix(while: isDigit)
            guard let number = Int64(String(decoding: run, as: UTF8.self)), number < 60 else { return nil }
            bytes = bytes.dropFirst(run.count + 1)
            return number
        }
    }
}
