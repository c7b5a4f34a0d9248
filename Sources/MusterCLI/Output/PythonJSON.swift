import MusterCore

/// JSON as Python's `json.dumps(ensure_ascii=False, default=repr)` writes it: bytes by their `repr`, NaN by name.
enum PythonJSON {
    /// - Parameter indent: spaces a level; below zero means one line.
    static func text(_ value: Value, indent: Int) -> String {
        var writer = Writer(indent: indent < 0 ? nil : indent)
        // Python refuses keys of these kinds, and Salt then prints an empty object.
        guard !hasUnwritableKey(value) else { return "{}" }
        writer.write(value, level: 0)
        return writer.text
    }

    private static func hasUnwritableKey(_ value: Value) -> Bool {
        switch value {
        case .array(let elements): elements.contains(where: hasUnwritableKey)
        case .map(let map): map.contains { key(of: $0.key) == nil || hasUnwritableKey($0.value) }
        default: false
        }
    }

    private static func key(of value: Value) -> String? {
        switch value {
        case .string(let text): text
        case .null, .bool, .int, .uint, .double: scalar(value)
        case .bytes, .array, .map: nil
        }
    }

    private static func scalar(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .double(let number) where number.isNaN: "NaN"
        case .double(let number) where number.isInfinite: number < 0 ? "-Infinity" : "Infinity"
        default: value.pythonLiteral
        }
    }

    private struct Writer {
        /// Nil means one line with `, ` and `: `.
        let indent: Int?
        var text = ""

        mutating func write(_ value: Value, level: Int) {
            switch value {
            case .null, .bool, .int, .uint, .double: text += PythonJSON.scalar(value)
            case .string(let string): text += JSON.text(.string(string))
            case .bytes: text += JSON.text(.string(value.pythonLiteral))
            case .array(let elements):
                text += "["
                for (index, element) in elements.enumerated() {
                    separate(index, level: level + 1)
                    write(element, level: level + 1)
                }
                close("]", isEmpty: elements.isEmpty, level: level)
            case .map(let map):
                text += "{"
                for (index, entry) in map.entries.enumerated() {
                    separate(index, level: level + 1)
                    text += JSON.text(.string(PythonJSON.key(of: entry.key) ?? "")) + ": "
                    write(entry.value, level: level + 1)
                }
                close("}", isEmpty: map.isEmpty, level: level)
            }
        }

        private mutating func separate(_ index: Int, level: Int) {
            if index > 0 { text += indent == nil ? ", " : "," }
            breakLine(level)
        }

        private mutating func close(_ bracket: String, isEmpty: Bool, level: Int) {
            if !isEmpty { breakLine(level) }
            text += bracket
        }

        private mutating func breakLine(_ level: Int) {
            if let indent { text += "\n" + String(repeating: " ", count: indent * level) }
        }
    }
}
