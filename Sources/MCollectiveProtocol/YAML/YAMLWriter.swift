import MusterCore

/// Writes plain data as Ruby's Psych does: block style, symbols as `:name`, texts of several lines as `|`.
///
/// Long lines are not folded, and there are never anchors. Otherwise the text is Psych's, which readers do not need:
/// what is signed is the text that was sent.
///
/// Source: Psych 4.0, `visitors/yaml_tree.rb`; libyaml 0.2.5, `emitter.c`.
package struct YAMLWriter {
    private var text = "---"

    /// The document of one value.
    package static func text(_ value: RubyValue) -> String {
        var writer = YAMLWriter()
        writer.writeValue(value, column: 0, isRoot: true)
        return writer.text
    }

    /// The document of one value, as bytes.
    package static func bytes(_ value: RubyValue) -> [UInt8] { Array(text(value).utf8) }

    /// A value behind a key or a marker: a scalar in the same line, a container in lines of its own.
    ///
    /// - Parameter column: where those lines begin.
    private mutating func writeValue(_ value: RubyValue, column: Int, isRoot: Bool = false) {
        switch value {
        case .hash(let hash) where !hash.isEmpty:
            text += "\n"
            write(hash, column: column, isInLine: false)
        case .array(let elements) where !elements.isEmpty:
            text += "\n"
            write(elements, column: isRoot ? 0 : column - 2, isInLine: false)
        case .null: text += "\n"
        default: text += " " + scalar(value, column: isRoot ? 2 : column) + "\n"
        }
    }

    private mutating func write(_ hash: RubyHash, column: Int, isInLine: Bool) {
        var isInLine = isInLine
        for pair in hash.pairs {
            if !isInLine { indent(column) }
            isInLine = false
            text += key(pair.key) + ":"
            writeValue(pair.value, column: column + 2)
        }
    }

    private mutating func write(_ elements: [RubyValue], column: Int, isInLine: Bool) {
        var isInLine = isInLine
        for element in elements {
            if !isInLine { indent(column) }
            isInLine = false
            text += "-"
            switch element {
            case .hash(let hash) where !hash.isEmpty:
                text += " "
                write(hash, column: column + 2, isInLine: true)
            case .array(let inner) where !inner.isEmpty:
                text += " "
                write(inner, column: column + 2, isInLine: true)
            case .null: text += "\n"
            default: text += " " + scalar(element, column: column + 2) + "\n"
            }
        }
    }

    private mutating func indent(_ column: Int) { text += String(repeating: " ", count: column) }

    /// A key in one line. Containers are no keys of ours: they are written as their flow text, quoted.
    private func key(_ key: RubyValue) -> String {
        switch key {
        case .string(let string) where string.text?.contains("\n") == true:
            YAMLStyle.doubleQuoted(string.text ?? "")
        case .hash, .array: YAMLStyle.doubleQuoted(JSON.text(key.value))
        case .null: "! ''"
        case .string(let string) where isBinary(string): "!binary \"\(Base64.encode(string.bytes))\""
        default: scalar(key, column: 0)
        }
    }

    private func scalar(_ value: RubyValue, column: Int) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .int(let number): return String(number)
        case .big(let number): return number.description
        case .double(let number): return YAMLWriter.text(of: number)
        case .symbol(let name):
            let isPlain = !name.isEmpty && name.utf8.allSatisfy { YAMLStyle.isWord($0) || "-?!=.".utf8.contains($0) }
            return isPlain ? ":\(name)" : "!ruby/symbol \(YAMLStyle.doubleQuoted(name))"
        case .string(let string):
            guard let text = string.text, !isBinary(string) else {
                return "!binary |-\n" + String(repeating: " ", count: column) + Base64.encode(string.bytes)
            }
            return YAMLStyle.text(text, column: column)
        case .regexp(let regexp):
            let text = RubyText.inspect(.regexp(regexp))
            return "!ruby/regexp " + (YAMLStyle.canBePlain(text) ? text : YAMLStyle.singleQuoted(text, column: column))
        case .array: return "[]"
        case .hash: return "{}"
        }
    }

    /// Whether a string has no text: no UTF-8, or bytes that nobody said are any.
    private func isBinary(_ string: RubyString) -> Bool {
        string.text == nil || (string.encoding == .binary && !string.bytes.allSatisfy { $0 < 0x80 })
    }

    /// Ruby's own text of a float but for what is none, which YAML 1.1 reads as one only with a point.
    private static func text(of number: Double) -> String {
        if number.isNaN { return ".nan" }
        if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
        return RubyText.text(of: number)
    }
}

extension RubyRegexp.Options {
    /// The options as they follow the second slash.
    var letters: String {
        (contains(.multiLine) ? "m" : "") + (contains(.ignoreCase) ? "i" : "") + (contains(.extended) ? "x" : "")
    }
}
