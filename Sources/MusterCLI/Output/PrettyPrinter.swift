import MusterCore

/// Python's `pprint.pformat(value, indent=…)` for a width of 80: sorted keys, long containers and texts over several lines.
///
/// Source: CPython 3.11, `Lib/pprint.py`.
struct PrettyPrinter {
    private let width = 80
    private let indentPerLevel: Int
    private var text = ""

    static func text(_ value: Value, indent: Int = 1) -> String {
        var printer = PrettyPrinter(indentPerLevel: indent)
        printer.format(value, indent: 0, allowance: 0, level: 0)
        return printer.text
    }

    private init(indentPerLevel: Int) { self.indentPerLevel = indentPerLevel }

    private mutating func format(_ value: Value, indent: Int, allowance: Int, level: Int) {
        let line = Self.repr(value)
        guard PythonText.length(line) > width - indent - allowance else {
            text += line
            return
        }
        switch value {
        case .map(let map): format(map, indent: indent, allowance: allowance, level: level + 1)
        case .array(let elements): format(elements, indent: indent, allowance: allowance, level: level + 1)
        case .string(let string): format(string, indent: indent, allowance: allowance, level: level + 1)
        case .bytes(let bytes): format(bytes, indent: indent, allowance: allowance, level: level + 1)
        case .null, .bool, .int, .uint, .double: text += line
        }
    }

    private mutating func format(_ map: ValueMap, indent: Int, allowance: Int, level: Int) {
        text += "{" + blanks(indentPerLevel - 1)
        let inner = indent + indentPerLevel
        let entries = Self.sorted(map)
        for (index, entry) in entries.enumerated() {
            let isLast = index == entries.count - 1
            let key = Self.repr(entry.key)
            text += key + ": "
            format(
                entry.value, indent: inner + PythonText.length(key) + 2, allowance: isLast ? allowance + 1 : 1,
                level: level)
            if !isLast { text += ",\n" + blanks(inner) }
        }
        text += "}"
    }

    private mutating func format(_ elements: [Value], indent: Int, allowance: Int, level: Int) {
        text += "[" + blanks(indentPerLevel - 1)
        let inner = indent + indentPerLevel
        for (index, element) in elements.enumerated() {
            let isLast = index == elements.count - 1
            format(element, indent: inner, allowance: isLast ? allowance + 1 : 1, level: level)
            if !isLast { text += ",\n" + blanks(inner) }
        }
        text += "]"
    }

    /// Adjacent literals, broken after line ends and at spaces; in brackets at the top level.
    private mutating func format(_ string: String, indent: Int, allowance: Int, level: Int) {
        let isTop = level == 1
        let indent = isTop ? indent + 1 : indent
        let allowance = isTop ? allowance + 1 : allowance
        let room = width - indent
        var chunks: [String] = []
        let lines = PythonText.lines(string, keepsEnds: true)
        for (index, line) in lines.enumerated() {
            let isLastLine = index == lines.count - 1
            let whole = Value.string(line).pythonLiteral
            if PythonText.length(whole) <= (isLastLine ? room - allowance : room) {
                chunks.append(whole)
            } else {
                chunks += broken(line, room: room, lastRoom: isLastLine ? room - allowance : room)
            }
        }
        append(chunks, indent: indent, inBrackets: isTop && chunks.count > 1)
    }

    private func broken(_ line: String, room: Int, lastRoom: Int) -> [String] {
        var chunks: [String] = []
        var current = ""
        let parts = Self.words(line)
        for (index, part) in parts.enumerated() {
            let candidate = current + part
            if PythonText.length(Value.string(candidate).pythonLiteral) > (index == parts.count - 1 ? lastRoom : room) {
                if !current.isEmpty { chunks.append(Value.string(current).pythonLiteral) }
                current = part
            } else {
                current = candidate
            }
        }
        if !current.isEmpty { chunks.append(Value.string(current).pythonLiteral) }
        return chunks
    }

    private mutating func format(_ bytes: [UInt8], indent: Int, allowance: Int, level: Int) {
        guard bytes.count > 4 else {
            text += Value.bytes(bytes).pythonLiteral
            return
        }
        let isTop = level == 1
        let indent = isTop ? indent + 1 : indent
        var room = width - indent
        var chunks: [String] = []
        var current: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 4) {
            let part = bytes[start..<min(start + 4, bytes.count)]
            if start == bytes.count / 4 * 4 { room -= isTop ? allowance + 1 : allowance }
            if PythonText.length(Value.bytes(current + part).pythonLiteral) > room {
                if !current.isEmpty { chunks.append(Value.bytes(current).pythonLiteral) }
                current = Array(part)
            } else {
                current += part
            }
        }
        if !current.isEmpty { chunks.append(Value.bytes(current).pythonLiteral) }
        append(chunks, indent: indent, inBrackets: isTop)
    }

    private mutating func append(_ chunks: [String], indent: Int, inBrackets: Bool) {
        if inBrackets { text += "(" }
        text += chunks.joined(separator: "\n" + blanks(indent))
        if inBrackets { text += ")" }
    }

    private func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

    /// Words with the blanks that follow them: the regular expression `\S*\s*`.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var afterSpace = false
        for scalar in line.unicodeScalars {
            let isSpace = PythonText.isSpace(scalar)
            if afterSpace && !isSpace {
                words.append(String(word))
                word = String.UnicodeScalarView()
            }
            word.append(scalar)
            afterSpace = isSpace
        }
        if !word.isEmpty { words.append(String(word)) }
        return words
    }

    /// `repr` with sorted keys.
    private static func repr(_ value: Value) -> String {
        switch value {
        case .array(let elements): "[" + elements.map(repr).joined(separator: ", ") + "]"
        case .map(let map):
            "{" + sorted(map).map { "\(repr($0.key)): \(repr($0.value))" }.joined(separator: ", ") + "}"
        default: value.pythonLiteral
        }
    }

    /// By key; keys that Python cannot compare by the names of their types.
    private static func sorted(_ map: ValueMap) -> [ValueMap.Entry] {
        PythonText.sorted(map)
            ?? map.entries.enumerated().sorted { left, right in
                precedes(left.element.key, right.element.key)
                    ?? (left.offset < right.offset)
            }.map(\.element)
    }

    /// Nil when neither goes first.
    private static func precedes(_ left: Value, _ right: Value) -> Bool? {
        if let left = PythonText.number(left), let right = PythonText.number(right) { return left < right }
        if let left = left.string, let right = right.string { return PythonText.precedes(left, right) }
        let (left, right) = (left.pythonTypeName, right.pythonTypeName)
        return left == right ? nil : left < right
    }
}
