/// JSON text to and from values, with the order of keys and the difference between 1 and 1.0 kept.
///
/// Own code because Foundation's coders lose both, and printed answers must look as Salt prints them. Grammar: RFC 8259.
/// Tolerances when reading: none. When writing: bytes become base64 text, non-text keys their JSON form as text, NaN and
/// infinities null.
package enum JSON {
    /// How JSON text is laid out.
    package enum Layout: Sendable, Hashable {
        /// One line without spaces.
        case compact
        /// One line with `, ` and `: `, as Python writes it.
        case spaced
        /// One element a line, indented by this many spaces a level, as Python's `indent`.
        case indented(Int)
    }

    /// The text of a value.
    package static func text(_ value: Value, layout: Layout = .compact, escapesNonASCII: Bool = false) -> String {
        var writer = JSONWriter(layout: layout, escapesNonASCII: escapesNonASCII)
        writer.write(value, level: 0)
        return writer.text
    }

    /// Reads one value and nothing after it.
    ///
    /// - Throws: `JSONError` with the byte offset.
    package static func value(_ text: some Collection<UInt8>, maxDepth: Int = 128) throws(JSONError) -> Value {
        var reader = JSONReader(bytes: Array(text), maxDepth: maxDepth)
        return try reader.readDocument()
    }

    /// Reads one value and nothing after it.
    package static func value(_ text: String, maxDepth: Int = 128) throws(JSONError) -> Value {
        try value(text.utf8, maxDepth: maxDepth)
    }
}

/// What is wrong with a JSON text, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package let reason: String
    /// Bytes from the start of the text.
    package let offset: Int

    package var description: String { "not valid JSON at byte \(offset): \(reason)" }
}

extension Value {
    /// The text under which a key of any kind stands in a JSON object: itself, or its JSON form.
    package var jsonKey: String {
        switch self {
        case .string(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .null, .bool, .int, .uint, .double, .array, .map: JSON.text(self)
        }
    }
}

private struct JSONWriter {
    let layout: JSON.Layout
    let escapesNonASCII: Bool
    var text = ""

    mutating func write(_ value: Value, level: Int) {
        switch value {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .int(let number): text += String(number)
        case .uint(let number): text += String(number)
        case .double(let number): text += number.isFinite ? number.shortest : "null"
        case .string(let string): write(string)
        case .bytes(let bytes): write(Base64.encode(bytes))
        case .array(let elements):
            open("[")
            for (index, element) in elements.enumerated() {
                separate(index, level: level + 1)
                write(element, level: level + 1)
            }
            close("]", isEmpty: elements.isEmpty, level: level)
        case .map(let map):
            open("{")
            for (index, entry) in map.entries.enumerated() {
                separate(index, level: level + 1)
                write(entry.key.jsonKey)
                text += layout == .compact ? ":" : ": "
                write(entry.value, level: level + 1)
            }
            close("}", isEmpty: map.isEmpty, level: level)
        }
    }

    private mutating func open(_ bracket: String) { text += bracket }

    private mutating func separate(_ index: Int, level: Int) {
        if index > 0 { text += layout == .spaced ? ", " : "," }
        breakLine(level)
    }

    private mutating func close(_ bracket: String, isEmpty: Bool, level: Int) {
        if !isEmpty { breakLine(level) }
        text += bracket
    }

    private mutating func breakLine(_ level: Int) {
        guard case .indented(let width) = layout else { return }
        text += "\n" + String(repeating: " ", count: width * level)
    }

    private mutating func write(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{8}": text += "\\b"
            case "\u{c}": text += "\\f"
            case _ where scalar.value < 0x20 || (escapesNonASCII && scalar.value > 0x7e):
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension Double {
    /// The shortest text that reads back as this number, always with a point or exponent: `1.0`, `1e+16`.
    package var shortest: String {
        let text = "\(self)"
        return text.contains(where: { $0 == "." || $0 == "e" || $0 == "n" }) ? text : text + ".0"
    }
}

private struct JSONReader {
    let bytes: [UInt8]
    let maxDepth: Int
    var position = 0

    init(bytes: [UInt8], maxDepth: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
    }

    mutating func readDocument() throws(JSONError) -> Value {
        let value = try readValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("text after the value") }
        return value
    }

    private mutating func readValue(depth: Int) throws(JSONError) -> Value {
        guard depth <= maxDepth else { throw failure("nested deeper than \(maxDepth)") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try readMap(depth: depth)
        case UInt8(ascii: "["): return try readArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try readNumber()
        case nil: throw failure("the text ends where a value is expected")
        default: throw failure("a value cannot begin here")
        }
    }

    private mutating func readMap(depth: Int) throws(JSONError) -> Value {
        var map = ValueMap()
        position += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return .map(map) }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw failure("a key in quotes is expected") }
            let key = try readString()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw failure("':' is expected") }
            map.append(.string(key), try readValue(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "}")) { return .map(map) }
            guard take(UInt8(ascii: ",")) else { throw failure("',' or '}' is expected") }
        }
    }

    private mutating func readArray(depth: Int) throws(JSONError) -> Value {
        var elements: [Value] = []
        position += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try readValue(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw failure("',' or ']' is expected") }
        }
    }

    private mutating func readString() throws(JSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure("text that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): text.append(contentsOf: try readEscape())
            case 0..<0x20: throw failure("a control character inside text")
            default: text.append(byte)
            }
        }
        throw failure("text without its closing quote")
    }

    private mutating func readEscape() throws(JSONError) -> [UInt8] {
        guard let byte = peek else { throw failure("text without its closing quote") }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0a]
        case UInt8(ascii: "r"): return [0x0d]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0c]
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "u"):
            let first = try readHex()
            if (0xd800..<0xdc00).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
                let second = try readHex()
                guard (0xdc00..<0xe000).contains(second) else { throw failure("half a surrogate pair") }
                return utf8(0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00))
            }
            guard !(0xd800..<0xe000).contains(first) else { throw failure("half a surrogate pair") }
            return utf8(UInt32(first))
        default: throw failure("an unknown escape")
        }
    }

    private func utf8(_ code: UInt32) -> [UInt8] { Unicode.Scalar(code).map { Array(String($0).utf8) } ?? [] }

    private mutating func readHex() throws(JSONError) -> UInt16 {
        // A sign is none of the digits, though the initialiser takes one.
        guard position + 4 <= bytes.count, bytes[position] != UInt8(ascii: "+"), bytes[position] != UInt8(ascii: "-"),
            let number = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw failure("four hexadecimal digits are expected") }
        position += 4
        return number
    }

    private mutating func readNumber() throws(JSONError) -> Value {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let firstDigit = position
        skipDigits()
        guard position > firstDigit else { throw failure("a digit is expected") }
        guard bytes[firstDigit] != UInt8(ascii: "0") || position == firstDigit + 1 else {
            throw failure("a number with a leading zero")
        }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            let fraction = position
            skipDigits()
            guard position > fraction else { throw failure("a digit is expected after the point") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            let exponent = position
            skipDigits()
            guard position > exponent else { throw failure("a digit is expected in the exponent") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger {
            if let number = Int64(text) { return .int(number) }
            if let number = UInt64(text) { return .uint(number) }
        }
        // Out of range is infinite, which JSON could not write again.
        guard let number = Double(text), number.isFinite else { throw failure("a number out of range") }
        return .double(number)
    }

    private mutating func readWord(_ word: StaticString, _ value: Value) throws(JSONError) -> Value {
        let expected = String(describing: word).utf8
        guard bytes[position...].starts(with: expected) else { throw failure("a value cannot begin here") }
        position += expected.count
        return value
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipDigits() {
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private func failure(_ reason: String) -> JSONError { JSONError(reason: reason, offset: position) }
}
