import MusterCore

/// Salt's default layout: indented, sorted, coloured, without quotes.
enum NestedOutput {
    static func text(_ value: Value, _ options: Outputter.Options) -> String {
        var display = Display(options: options)
        display.show(value, indent: 0, prefix: "")
        return display.lines.joined(separator: "\n")
    }

    private struct Display {
        let options: Outputter.Options
        var lines: [String] = []

        private var mapColor: Palette.Color { options.returnCode == 0 ? .cyan : .red }
        private var listColor: Palette.Color { options.returnCode == 0 ? .green : .red }

        mutating func show(_ value: Value, indent: Int, prefix: String) {
            switch value {
            case .null, .bool, .int, .uint, .double: add(indent, .lightYellow, prefix + value.pythonLiteral)
            case .string(let text): show(text, indent: indent, prefix: prefix)
            case .bytes(let bytes):
                // Bytes that are no text have no line of their own, as in Salt.
                if let text = String(validating: bytes, as: UTF8.self) { show(text, indent: indent, prefix: prefix) }
            case .array(let elements): show(elements, indent: indent)
            case .map(let map): show(map, indent: indent, prefix: prefix)
            }
        }

        private mutating func show(_ text: String, indent: Int, prefix: String) {
            for (index, line) in PythonText.lines(text).enumerated() {
                // A node must not drive the operator's terminal.
                let safe = line.replacingEscapes()
                add(indent, .green, (index == 0 ? prefix : String(repeating: " ", count: prefix.count)) + safe)
            }
        }

        private mutating func show(_ elements: [Value], indent: Int) {
            for element in elements {
                switch element {
                case .array, .map:
                    add(indent, listColor, "|_")
                    show(element, indent: indent + 2, prefix: element.map == nil ? "- " : "")
                default: show(element, indent: indent, prefix: "- ")
                }
            }
        }

        private mutating func show(_ map: ValueMap, indent: Int, prefix: String) {
            if indent > 0 { add(indent, mapColor, "----------") }
            for (key, value) in sorted(map) {
                add(indent, mapColor, prefix + key, suffix: ":")
                show(value, indent: indent + 4, prefix: "")
            }
        }

        /// By key; when Python cannot compare the keys, by their text.
        private func sorted(_ map: ValueMap) -> [(String, Value)] {
            if let entries = PythonText.sorted(map) { return entries.map { ($0.key.pythonText, $0.value) } }
            return map.map { ($0.key.pythonText, $0.value) }.sorted { PythonText.precedes($0.0, $1.0) }
        }

        private mutating func add(_ indent: Int, _ color: Palette.Color, _ text: String, suffix: String = "") {
            lines.append(String(repeating: " ", count: indent) + options.palette.paint(text, color) + suffix)
        }
    }
}

extension String {
    /// The text with every ESC as `?`, so that printing it cannot drive a terminal.
    func replacingEscapes() -> String {
        guard utf8.contains(0x1b) else { return self }
        return String(decoding: utf8.map { $0 == 0x1b ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }
}
