/// Values as Python prints them: Salt matches and shows these texts.
extension Value {
    /// Python's `str()`.
    package var pythonText: String {
        switch self {
        case .string(let text): text
        case .null, .bool, .int, .uint, .double, .bytes, .array, .map: pythonLiteral
        }
    }

    /// The name of its type: Python's `type().__name__`.
    package var pythonTypeName: String {
        switch self {
        case .null: "NoneType"
        case .bool: "bool"
        case .int, .uint: "int"
        case .double: "float"
        case .string: "str"
        case .bytes: "bytes"
        case .array: "list"
        case .map: "dict"
        }
    }

    /// Python's `repr()`.
    package var pythonLiteral: String {
        switch self {
        case .null: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .double(let number): Value.pythonLiteral(number)
        case .string(let text): Value.pythonLiteral(text)
        case .bytes(let bytes): Value.pythonLiteral(bytes)
        case .array(let elements): "[" + elements.map(\.pythonLiteral).joined(separator: ", ") + "]"
        case .map(let map):
            "{" + map.map { "\($0.key.pythonLiteral): \($0.value.pythonLiteral)" }.joined(separator: ", ") + "}"
        }
    }

    /// The shortest digits that read back as the number; an exponent from 1e16 up and below 1e-4.
    private static func pythonLiteral(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }
        let sign = number.sign == .minus ? "-" : ""
        let (digits, point) = decimal(number.magnitude)
        if digits == "0" { return sign + "0.0" }
        if point > 16 || point < -3 {
            let fraction = digits.dropFirst()
            let exponent = point - 1
            let power = String(abs(exponent))
            return sign + digits.prefix(1) + (fraction.isEmpty ? "" : ".\(fraction)")
                + (exponent < 0 ? "e-" : "e+") + (power.count < 2 ? "0" : "") + power
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if point >= digits.count { return sign + digits + String(repeating: "0", count: point - digits.count) + ".0" }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }

    /// The significant digits of a number, and how many of them (or of zeros before them, if negative) precede the point.
    private static func decimal(_ number: Double) -> (digits: String, point: Int) {
        let parts = "\(number)".split(separator: "e", maxSplits: 1)
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let whole = mantissa[0]
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let all = whole + fraction
        let leading = all.prefix { $0 == "0" }.count
        let kept = all.dropFirst(leading)
        let trailing = kept.reversed().prefix { $0 == "0" }.count
        let digits = String(kept.dropLast(trailing))
        return digits.isEmpty ? ("0", 1) : (digits, whole.count + exponent - leading)
    }

    private static func pythonLiteral(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var literal = String(quote)
        for scalar in scalars {
            switch scalar {
            case quote, "\\": literal += "\\" + String(scalar)
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            case _ where isPrintable(scalar): literal.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x100: literal += "\\x" + hex(scalar.value, 2)
            case _ where scalar.value < 0x10000: literal += "\\u" + hex(scalar.value, 4)
            default: literal += "\\U" + hex(scalar.value, 8)
            }
        }
        return literal + String(quote)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7f).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }

    private static func pythonLiteral(_ bytes: [UInt8]) -> String {
        let hasSingle = bytes.contains(0x27) && !bytes.contains(0x22)
        let quote: UInt8 = hasSingle ? 0x22 : 0x27
        var literal = "b" + String(Unicode.Scalar(quote))
        for byte in bytes {
            switch byte {
            case quote, 0x5c: literal += "\\" + String(Unicode.Scalar(byte))
            case 0x0a: literal += "\\n"
            case 0x0d: literal += "\\r"
            case 0x09: literal += "\\t"
            case 0x20...0x7e: literal += String(Unicode.Scalar(byte))
            default: literal += "\\x" + hex(UInt32(byte), 2)
            }
        }
        return literal + String(Unicode.Scalar(quote))
    }

    private static func hex(_ number: UInt32, _ width: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
