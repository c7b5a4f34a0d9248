/// Values as Python prints them: Salt matches and shows these texts.
extension Value {
    /// Python's `str()`.
    package var pythonText: String {
        switch self {
        case .string(let text): text
        case .null, .bool, .int, .uint, .double, .bytes, .array, .map: pythonLiteral
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

    private static func pythonLiteral(_ number: Double) -> String {
        if number.isNaN { return "nan" }
        if number.isInfinite { return number < 0 ? "-inf" : "inf" }
        let magnitude = abs(number)
        let text = "\(number)"
        // Swift turns to exponents at 2^53, Python at 1e16; both print the shortest digits.
        if magnitude >= 9_007_199_254_740_992, magnitude < 1e16 { return "\(Int64(number)).0" }
        guard let exponent = text.firstIndex(of: "e") else { return text }
        let digits = text[..<exponent]
        let mantissa = digits.hasSuffix(".0") ? digits.dropLast(2) : digits
        let power = text[text.index(after: exponent)...]
        let sign = power.hasPrefix("-") ? "-" : "+"
        let size = power.drop { $0 == "-" || $0 == "+" }
        return "\(mantissa)e\(sign)\(size.count < 2 ? "0" : "")\(size)"
    }

    private static func pythonLiteral(_ text: String) -> String {
        let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var literal = String(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case quote, "\\": literal += "\\" + String(scalar)
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            case _ where scalar.value < 0x20 || (0x7f...0xa0).contains(scalar.value) || scalar.value == 0xad:
                literal += "\\x" + hex(scalar.value)
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + String(quote)
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
            default: literal += "\\x" + hex(UInt32(byte))
            }
        }
        return literal + String(Unicode.Scalar(quote))
    }

    private static func hex(_ number: UInt32) -> String {
        let text = String(number, radix: 16)
        return text.count < 2 ? "0" + text : text
    }
}
