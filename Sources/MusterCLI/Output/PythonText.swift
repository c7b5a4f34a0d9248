import MusterCore

/// How Python takes texts apart and sorts values: with `Value.pythonLiteral`, what Salt's layouts are made of.
///
/// Source: CPython 3.11, `str.splitlines`, `str.rstrip`, `sorted`.
enum PythonText {
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
