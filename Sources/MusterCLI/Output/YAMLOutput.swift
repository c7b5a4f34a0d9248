import MusterCore
import Yams

/// YAML as PyYAML's `safe_dump` writes it: sorted keys, block style, quotes only where the text would mean something else.
enum YAMLOutput {
    /// Nil when the value cannot be written.
    ///
    /// - Parameter indent: spaces a level; nil means two, below zero the flow style.
    static func text(_ value: Value, indent: Int?) -> String? {
        let isFlow = (indent ?? 0) < 0
        var builder = NodeBuilder(isFlow: isFlow, anchor: anchor(notIn: value))
        let node = builder.node(value)
        // Emitting to memory fails only for documents that libyaml cannot write; the caller then falls back.
        guard let text = try? emit(node, indent: max(indent ?? 0, 0)) else { return nil }
        guard let anchor = builder.usedAnchor else { return text }
        return text.replacing("&\(anchor) |", with: "!!binary |")
    }

    private static func emit(_ node: Node, indent: Int) throws -> String {
        let emitter = Emitter(indent: indent, allowUnicode: true)
        try emitter.open()
        try emitter.serialize(node: node)
        try emitter.close()
        return String(decoding: emitter.data, as: UTF8.self)
    }

    /// A name that no text of the value holds. Yams cannot write the tag of bytes; an anchor stands in for it.
    private static func anchor(notIn value: Value) -> String {
        let text = PythonText.repr(value)
        var name = "bytes"
        while text.contains(name) { name += "0" }
        return name
    }
}

private struct NodeBuilder {
    let isFlow: Bool
    let anchor: String
    private(set) var usedAnchor: String?

    init(isFlow: Bool, anchor: String) {
        self.isFlow = isFlow
        self.anchor = anchor
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
        let isText = YAMLScalar(text) == .text
        return .scalar(.init(text, Tag(.str), isText ? .plain : .singleQuoted))
    }

    private mutating func binary(_ bytes: [UInt8]) -> Node {
        usedAnchor = anchor
        let lines = stride(from: 0, to: bytes.count, by: 57).map {
            Base64.encode(Array(bytes[$0..<min($0 + 57, bytes.count)])) + "\n"
        }
        return .scalar(.init(lines.joined(), Tag(.str), .literal, nil, Anchor(rawValue: anchor)))
    }

    private func float(_ number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? ".nan" : number < 0 ? "-.inf" : ".inf" }
        let text = PythonText.repr(number)
        return text.contains(".") ? text : text.replacing("e", with: ".0e")
    }
}
