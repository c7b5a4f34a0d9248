import MusterCore
import Yams

/// Writes values in PyYAML's block layout.
struct YAMLWriter {
    let keys: YAMLText.KeyOrder

    private let constructor = Constructor([:], [:], [:])

    init(keys: YAMLText.KeyOrder) { self.keys = keys }

    func text(of value: Value) -> String {
        do {
            return try serialize(
                node: node(of: value), allowUnicode: true, sequenceStyle: .block, mappingStyle: .block)
        } catch {
            // The emitter fails only on text that is no UTF-8, which a String cannot hold. JSON is YAML too.
            return JSON.text(value, layout: .spaced) + "\n"
        }
    }

    private func node(of value: Value) -> Node {
        switch value {
        case .null: scalar("null", "null")
        case .bool(let flag): scalar(flag ? "true" : "false", "bool")
        case .int(let number): scalar(String(number), "int")
        case .uint(let number): scalar(String(number), "int")
        case .double(let number): scalar(text(of: number), "float")
        case .string(let text): scalar(text, "str", YAMLScalar.isAmbiguous(text) ? .singleQuoted : .any)
        case .bytes(let bytes): scalar(Base64.encode(bytes), "str")
        case .array(let elements): .sequence(.init(elements.map(node), tag("seq"), .block))
        case .map(let map): .mapping(.init(entries(of: map), tag("map"), .block))
        }
    }

    private func entries(of map: ValueMap) -> [(Node, Node)] {
        let entries =
            switch keys {
            case .asGiven: map.entries
            case .sorted:
                map.entries.sorted {
                    $0.key.jsonKey.unicodeScalars.lexicographicallyPrecedes($1.key.jsonKey.unicodeScalars)
                }
            }
        return entries.map { (node(of: $0.key), node(of: $0.value)) }
    }

    private func scalar(_ text: String, _ tagName: String, _ style: Node.Scalar.Style = .any) -> Node {
        .scalar(.init(text, tag(tagName), style))
    }

    private func tag(_ name: String) -> Tag {
        Tag(Tag.Name(rawValue: "tag:yaml.org,2002:" + name), .basic, constructor)
    }

    private func text(of number: Double) -> String {
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
        let text = number.shortest
        // YAML 1.1 reads 1e+16 as text.
        guard !text.contains("."), let power = text.firstIndex(of: "e") else { return text }
        return text[..<power] + ".0" + text[power...]
    }
}
