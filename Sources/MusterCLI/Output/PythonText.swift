import MusterCore

/// How Python writes values: what Salt's layouts are made of.
///
/// Source: CPython 3.11, `repr` of the built-in types, `str.splitlines`, `str.rstrip`.
enum PythonText {
    /// `str(value)`: text as it is, everything else as its `repr`.
    static func string(_ value: Value) -> String {
        value.string ?? repr(value)
    }

    /// `repr(value)`.
    static func repr(_ value: Value) -> String {
        switch value {
        case .null: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .double(let number): repr(number)
        case .string(let text): repr(text)
        case .bytes(let bytes): repr(bytes)
        case .array(let elements): "[" + elements.map(repr).joined(separator: ", ") + "]"
        case .map(let map):
            "{" + map.map { "\(repr($0.key)): \(repr($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    /// The shortest digits that read back as the number; an exponent from 1e16 up and below 1e-4.
    static func repr(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }
        let sign = number.sign == .minus ? "-" : ""
        let (digits, point) = decimal(number.magnitude)
        if digits == "0" { return sign + "0.0" }
        if point > 16 || point < -3 {
            let fraction = digits.dropFirst()
            let exponent = point - 1
            let power = String(abs(exponent))
            return sign + String(digits.prefix(1)) + (fraction.isEmpty ? "" : ".\(fraction)")
                + (exponent < 0 ? "e-" : "e+") + (power.count < 2 ? "0" : "") + power
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }

    /// The significant digits of a number and where the point stands behind the first of them.
    private static func decimal(_ number: Double) -> (digits: String, point: Int) {
        let text = "\(number)"
        let parts = text.split(separator: "e", maxSplits: 1)
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = String(mantissa[0])
        let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let all = whole + fraction
        let leading = all.prefix { $0 == "0" }.count
        let kept = all.dropFirst(leading)
        let trailing = kept.reversed().prefix { $0 == "0" }.count
        let digits = String(kept.dropLast(trailing))
        return digits.isEmpty ? ("0", 1) : (digits, whole.count + exponent - leading)
    }

    /// Text in single quotes, in double quotes when it holds single quotes only, with everything unprintable escaped.
    static func repr(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var result = String(quote)
        for scalar in scalars {
            switch scalar {
            case quote, "\\": result += "\\" + String(scalar)
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x100: result += "\\x" + hex(scalar.value, 2)
            case _ where scalar.value < 0x10000: result += "\\u" + hex(scalar.value, 4)
            default: result += "\\U" + hex(scalar.value, 8)
            }
        }
        result.unicodeScalars.append(quote)
        return result
    }

    /// Bytes as `b'...'`.
    static func repr(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        let quote = bytes.contains(0x27) && !bytes.contains(0x22) ? UInt8(0x22) : 0x27
        var result = "b" + String(UnicodeScalar(quote))
        for byte in bytes {
            switch byte {
            case quote, 0x5c: result += "\\" + String(UnicodeScalar(byte))
            case 0x0a: result += "\\n"
            case 0x0d: result += "\\r"
            case 0x09: result += "\\t"
            case 0x20..<0x7f: result.unicodeScalars.append(UnicodeScalar(byte))
            default: result += "\\x" + hex(UInt32(byte), 2)
            }
        }
        return result + String(UnicodeScalar(quote))
    }

    private static func hex(_ number: UInt32, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7f).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
            false
        default: true
        }
    }

    /// `text.splitlines(keepsEnds)`: every line break that Unicode knows.
    static func lines(_ text: String, keepsEnds: Bool = false) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var afterReturn = false
        func finished() -> String { String(line) }
        for scalar in text.unicodeScalars {
            if afterReturn {
                afterReturn = false
                if scalar == "\n" {
                    if keepsEnds { lines[lines.count - 1].unicodeScalars.append(scalar) }
                    continue
                }
            }
            switch scalar {
            case "\n", "\r", "\u{b}", "\u{c}", "\u{1c}", "\u{1d}", "\u{1e}", "\u{85}", "\u{2028}", "\u{2029}":
                if keepsEnds { line.append(scalar) }
                lines.append(finished())
                line = String.UnicodeScalarView()
                afterReturn = scalar == "\r"
            default: line.append(scalar)
            }
        }
        if !line.isEmpty { lines.append(finished()) }
        return lines
    }

    /// `str.isspace` of one character.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || (0x1c...0x1f).contains(scalar.value)
    }

    /// `text.rstrip()`.
    static func trimmedEnd(_ text: String) -> String {
        var scalars = Substring(text).unicodeScalars
        while let last = scalars.last, isSpace(last) { scalars.removeLast() }
        return String(scalars)
    }

    /// `len(text)`: code points.
    static func length(_ text: String) -> Int { text.unicodeScalars.count }

    /// Entries in the order of Python's `sorted(map)`, nil when Python cannot compare the keys.
    static func sorted(_ map: ValueMap) -> [ValueMap.Entry]? {
        let keys = map.entries.map(\.key)
        if keys.allSatisfy({ $0.string != nil }) {
            return map.entries.sorted { precedes($0.key.string ?? "", $1.key.string ?? "") }
        }
        if keys.allSatisfy(isNumber) {
            return map.entries.sorted { (number($0.key) ?? 0) < (number($1.key) ?? 0) }
        }
        return keys.count < 2 ? map.entries : nil
    }

    /// Whether one text sorts before another by code points.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private static func isNumber(_ value: Value) -> Bool { number(value) != nil }

    /// The number a value compares as: Python's booleans are 0 and 1.
    static func number(_ value: Value) -> Double? {
        value.bool.map { $0 ? 1 : 0 } ?? value.double
    }
}
