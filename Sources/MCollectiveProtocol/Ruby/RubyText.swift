import MusterCore

/// Values as Ruby prints them.
package enum RubyText {
    /// Ruby's `inspect`, in one line: `{:a=>"x", "b"=>[1, nil]}`.
    ///
    /// Source: Ruby 3.1.
    package static func inspect(_ value: RubyValue) -> String {
        switch value {
        case .null: "nil"
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .big(let number): number.description
        case .double(let number): text(of: number)
        case .string(let string): quoted(string)
        case .symbol(let name): isPlain(name) ? ":\(name)" : ":" + quoted(RubyString(name))
        case .array(let elements): "[" + elements.map(inspect).joined(separator: ", ") + "]"
        case .hash(let hash):
            "{" + hash.pairs.map { "\(inspect($0.key))=>\(inspect($0.value))" }.joined(separator: ", ") + "}"
        case .regexp(let regexp):
            "/" + withSlashesEscaped(String(decoding: regexp.source.bytes, as: UTF8.self)) + "/"
                + regexp.options.letters
        }
    }

    /// Ruby's `to_s`: text as it is, nil as nothing.
    package static func text(of value: RubyValue) -> String {
        switch value {
        case .null: ""
        case .string(let string): String(decoding: string.bytes, as: UTF8.self)
        case .symbol(let name): name
        case .regexp(let regexp): embedded(regexp)
        case .bool, .int, .big, .double, .array, .hash: inspect(value)
        }
    }

    /// Ruby's text of a float: with an exponent, of two digits at least, from 1e15 up and below 1e-4.
    static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        guard number.magnitude >= 1e15 || (number != 0 && number.magnitude < 1e-4) else { return number.shortest }
        let (digits, point) = MarshalFloat.decimal(number.magnitude)
        let exponent = String((point - 1).magnitude)
        let fraction = digits.count > 1 ? String(digits.dropFirst()) : "0"
        return (number < 0 ? "-" : "") + digits.prefix(1) + "." + fraction + (point > 0 ? "e+" : "e-")
            + (exponent.count < 2 ? "0" : "") + exponent
    }

    /// The source of a regexp between slashes: those in it that have no backslash get one.
    private static func withSlashesEscaped(_ source: String) -> String {
        var text = ""
        var isEscaped = false
        for character in source {
            if character == "/", !isEscaped { text += "\\" }
            text.append(character)
            isEscaped = character == "\\" && !isEscaped
        }
        return text
    }

    /// A regexp in the form in which it can stand in another: `(?-mix:…)`.
    private static func embedded(_ regexp: RubyRegexp) -> String {
        let on = regexp.options.letters
        let off = "mix".filter { !on.contains($0) }
        return "(?\(on)\(off.isEmpty ? "" : "-")\(off):\(String(decoding: regexp.source.bytes, as: UTF8.self)))"
    }

    private static func isPlain(_ name: String) -> Bool {
        guard let first = name.utf8.first, Identity.isWord(first) || first >= 0x80, !(0x30...0x39).contains(first)
        else { return false }
        let body = ["?", "!", "="].contains(name.last) ? name.dropLast() : name[...]
        return body.utf8.allSatisfy { Identity.isWord($0) || $0 >= 0x80 }
    }

    private static func quoted(_ string: RubyString) -> String {
        let isASCII = string.bytes.allSatisfy { $0 < 0x80 }
        guard let text = string.text, string.encoding == .utf8 || isASCII else {
            return "\"" + string.bytes.map { escaped(UInt32($0), isByte: true) }.joined() + "\""
        }
        var quoted = "\""
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            // A sign that could begin an interpolation is escaped.
            if previous == "#", ["{", "$", "@"].contains(scalar) {
                quoted.removeLast()
                quoted += "\\#"
            }
            quoted +=
                scalar.value < 0x7f || !isPrintable(scalar)
                ? escaped(scalar.value, isByte: string.encoding != .utf8) : String(Character(scalar))
            previous = scalar
        }
        return quoted + "\""
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    private static func escaped(_ code: UInt32, isByte: Bool) -> String {
        switch code {
        case 0x22: return "\\\""
        case 0x5c: return "\\\\"
        case 0x07: return "\\a"
        case 0x08: return "\\b"
        case 0x09: return "\\t"
        case 0x0a: return "\\n"
        case 0x0b: return "\\v"
        case 0x0c: return "\\f"
        case 0x0d: return "\\r"
        case 0x1b: return "\\e"
        case 0x20...0x7e: return String(UnicodeScalar(UInt8(code)))
        default:
            let digits = String(code, radix: 16, uppercase: true)
            if isByte { return "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits }
            return digits.utf8.count <= 4
                ? "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits : "\\u{\(digits)}"
        }
    }
}
