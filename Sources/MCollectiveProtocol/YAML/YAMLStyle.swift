import MusterCore

/// How a text is written: plain, quoted or as a block, by Psych's rules and what libyaml allows.
enum YAMLStyle {
    /// The text as a scalar.
    ///
    /// - Parameter column: where the lines of a block, or further lines of a quoted text, begin.
    static func text(_ text: String, column: Int) -> String {
        guard text.unicodeScalars.allSatisfy(isPrintable) else { return doubleQuoted(text) }
        if text.dropLast().contains("\n") { return literal(text, column: column) }
        if ["y", "Y", "n", "N"].contains(text) || looksLikePunctuation(text) { return doubleQuoted(text) }
        if text.hasSuffix("\n") || !canBePlain(text) || isAmbiguous(text) { return singleQuoted(text, column: column) }
        return text
    }

    /// Whether the text may stand without quotes in a block, and whoever reads it meets the same text.
    static func canBePlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, first != 0x20, last != 0x20, !text.contains("\n")
        else { return false }
        if ",[]{}#&*!|>'\"%@`".utf8.contains(first) { return false }
        let second = text.utf8.dropFirst().first
        if "-?:".utf8.contains(first), second == nil || second == 0x20 { return false }
        if text.hasPrefix("---") || text.hasPrefix("...") || last == UInt8(ascii: ":") { return false }
        return !text.contains(": ") && !text.contains(" #") && !text.contains("\t")
    }

    static func singleQuoted(_ text: String, column: Int) -> String {
        // A line end in single quotes is two, and the next line begins where it must.
        let lineEnd = "\n\n" + String(repeating: " ", count: column)
        let body = text.replacing("'", with: "''").replacing("\n", with: lineEnd)
        return "'\(body)'"
    }

    static func doubleQuoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case "\0": quoted += "\\0"
            case "\u{7}": quoted += "\\a"
            case "\u{8}": quoted += "\\b"
            case "\u{b}": quoted += "\\v"
            case "\u{c}": quoted += "\\f"
            case "\u{1b}": quoted += "\\e"
            case _ where isPrintable(scalar): quoted.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x100: quoted += "\\x" + hex(scalar.value, digits: 2)
            case _ where scalar.value < 0x10000: quoted += "\\u" + hex(scalar.value, digits: 4)
            default: quoted += "\\U" + hex(scalar.value, digits: 8)
            }
        }
        return quoted + "\""
    }

    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: byte >= 0x80
        }
    }

    /// A block of text with all its line ends.
    private static func literal(_ text: String, column: Int) -> String {
        let indentation = String(repeating: " ", count: column)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let ends = text.hasSuffix("\n") ? (text.hasSuffix("\n\n") ? "+" : "") : "-"
        if text.hasSuffix("\n") { lines.removeLast() }
        let isIndented = text.hasPrefix(" ") || text.hasPrefix("\n")
        let body = lines.map { $0.isEmpty ? "" : indentation + $0 }.joined(separator: "\n")
        return "|" + (isIndented ? "2" : "") + ends + "\n" + body
    }

    /// Psych's rule for what might be taken for an indicator: no word at the beginning, and no quote behind it.
    private static func looksLikePunctuation(_ text: String) -> Bool {
        guard let first = text.utf8.first, !isWord(first) else { return false }
        return !text.utf8.dropFirst().contains(UInt8(ascii: "\""))
    }

    /// Whether a reader could take the plain text for something else: what we resolve, and dates and times.
    private static func isAmbiguous(_ text: String) -> Bool {
        if text == "<<" || text == "=" || YAMLScalar.resolved(text) != nil { return true }
        guard let first = text.utf8.first, (0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { (0x30...0x39).contains($0) || ":-_,.TZ+ ".utf8.contains($0) }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0a, 0x20...0x7e, 0xa0...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd, 0x10000...0x10ffff: true
        default: false
        }
    }

    private static func hex(_ number: UInt32, digits: Int) -> String {
        let text = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: digits - text.count) + text
    }
}
