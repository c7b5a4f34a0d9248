import MusterCore

/// Salt's `txt`: each line of each node's answer behind the node's name.
enum TextOutput {
    static func text(_ value: Value) -> String {
        switch value {
        case .map(let map): map.map { lines($0.key.pythonText, $0.value) }.joined()
        case .string(let text): text + "\n"
        default: PrettyPrinter.text(value) + "\n"
        }
    }

    private static func lines(_ name: String, _ value: Value) -> String {
        switch value {
        case .string(let text): PythonText.lines(text).map { "\(name): \($0)\n" }.joined()
        case .bytes(let bytes):
            bytes.split(separator: 0x0a).map { "\(name): \(Value.bytes(Array($0)).pythonLiteral)\n" }.joined()
        default: "\(name): \(value.pythonText)\n"
        }
    }
}

/// Salt's `newline_values_only`: the answers without the nodes' names, lists one element a line.
enum NewlineValuesOutput {
    static func text(_ value: Value) -> String? {
        guard let map = value.map else { return nil }
        return map.flatMap { $0.value.array ?? [$0.value] }.map(\.pythonText).joined(separator: "\n")
    }
}

/// Salt's `no_return`: what is said about nodes that did not answer.
enum NoReturnOutput {
    static func text(_ value: Value, palette: Palette) -> String { lines(value, indent: 0, palette).joined() }

    private static func lines(_ value: Value, indent: Int, _ palette: Palette) -> [String] {
        let blank = String(repeating: " ", count: indent)
        switch value {
        case .string(let text):
            return text.split(separator: "\n", omittingEmptySubsequences: false)
                .map { palette.paint(blank + $0, .red) + "\n" }
        case .map(let map):
            return (PythonText.sorted(map) ?? map.entries).flatMap { entry in
                [palette.paint(blank + entry.key.pythonText, .cyan) + ":\n"]
                    + lines(entry.value, indent: indent + 4, palette)
            }
        default: return []
        }
    }
}
