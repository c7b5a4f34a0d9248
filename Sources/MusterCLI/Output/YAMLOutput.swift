import DaemonSupport
import MusterCore
import Yams

/// YAML as PyYAML's `safe_dump` writes it: sorted keys, block style, quotes only where the text would mean something else.
enum YAMLOutput {
    /// Nil when the value cannot be written.
    ///
    /// - Parameter indent: spaces a level; nil means two, below zero the flow style.
    static func text(_ value: Value, indent: Int?) -> String? {
        var builder = NodeBuilder(isFlow: (indent ?? 0) < 0, marker: marker(notIn: value))
        let node = builder.node(value)
        // Emitting to memory fails only for documents that libyaml cannot write; the caller then falls back.
        guard let text = try? emit(node, indent: max(indent ?? 0, 0)) else { return nil }
        return builder.binaries.isEmpty ? text : insert(builder, into: text, indent: indent ?? 2)
    }

    private static func emit(_ node: Node, indent: Int) throws -> String {
        let emitter = Emitter(indent: indent, allowUnicode: true)
        try emitter.open()
        try emitter.serialize(node: node)
        try emitter.close()
        return String(decoding: emitter.data, as: UTF8.self)
    }

    /// A word that no text of the value holds. Yams cannot write the tag of bytes, so a marker stands in for them.
    private static func marker(notIn value: Value) -> String {
        let text = value.pythonLiteral
        var name = "bytes"
        while text.contains(name) { name += "s" }
        return name
    }

    /// Puts bytes in place of their markers: tagged, as indented lines of base64, in flow style as a quoted text.
    private static func insert(_ builder: NodeBuilder, into text: String, indent: Int) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            var line = String(line)
            while let marker = line.firstRange(of: builder.marker) {
                let digits = line[marker.upperBound...].prefix { $0.isNumber }
                guard let number = Int(digits), builder.binaries.indices.contains(number) else { break }
                let base64 = builder.binaries[number]
                let blanks = String(repeating: " ", count: column(of: line[..<marker.lowerBound]) + indent)
                let written =
                    builder.isFlow
                    ? "!!binary \"" + base64.joined(separator: "\\n") + "\\n\""
                    : "!!binary |" + base64.map { "\n" + blanks + $0 }.joined()
                line.replaceSubrange(marker.lowerBound..<digits.endIndex, with: written)
            }
            return line
        }
        return lines.joined(separator: "\n")
    }

    /// Where the block begins that a value belongs to: at its key, or at the last dash right before it.
    private static func column(of head: Substring) -> Int {
        var column = head.prefix { $0 == " " }.count
        var rest = head.dropFirst(column)
        while rest.hasPrefix("- "), rest.dropFirst(2).contains(where: { $0 != " " }) {
            let width = 1 + rest.dropFirst().prefix { $0 == " " }.count
            rest = rest.dropFirst(width)
            column += width
        }
        return column
    }
}

private struct NodeBuilder {
    let isFlow: Bool
    let marker: String
    /// The bytes met so far, each as its lines of base64.
    private(set) var binaries: [[String]] = []

    init(isFlow: Bool, marker: String) {
        self.isFlow = isFlow
        self.marker = marker
    }

    mutating func node(_ value: Value) -> Node {
        switch value {
        case .null: plain("null")
        case .bool(let flag): plain(flag ? "true" : "false")
        case .int(let number): plain(String(number))
        case .uint(let number): plain(String(number))
        case .double(let number): plain(float(number))
        case .string(let text): scalar(text)
        case .bytes(let bytes): binary(bytes)
        case .array(let elements):
            .sequence(.init(elements.map { node($0) }, Tag(.seq), isFlow || elements.isEmpty ? .flow : .block))
        case .map(let map):
            .mapping(
                .init(
                    (PythonText.sorted(map) ?? map.entries).map { (node($0.key), node($0.value)) }, Tag(.map),
                    isFlow || map.isEmpty ? .flow : .block))
        }
    }

    private func plain(_ text: String) -> Node { .scalar(.init(text, Tag(.str), .plain)) }

    /// PyYAML quotes a text that would read as something else.
    private func scalar(_ text: String) -> Node {
        let isAmbiguous = YAMLScalar.isAmbiguous(text)
        return .scalar(.init(text, Tag(.str), isAmbiguous ? .singleQuoted : .plain))
    }

    private mutating func binary(_ bytes: [UInt8]) -> Node {
        binaries.append(
            stride(from: 0, to: bytes.count, by: 57).map { Base64.encode(Array(bytes[$0..<min($0 + 57, bytes.count)])) }
        )
        return plain("\(marker)\(binaries.count - 1)")
    }

    private func float(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? ".nan" : number < 0 ? "-.inf" : ".inf" }
        let text = Value.double(number).pythonLiteral
        return text.contains(".") ? text : text.replacing("e", with: ".0e")
    }
}
