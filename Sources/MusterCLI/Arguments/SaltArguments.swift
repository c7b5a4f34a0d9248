import DaemonSupport
package import MusterCore

/// The words behind a function on a command line, as positional and named arguments.
///
/// `name=value` is a named argument unless it has a line end; every value is read as YAML, with Salt's exceptions: a map
/// needs its braces and a list its brackets, text with `#` stays whole, dates, lone digits with `_`, and whatever is not
/// YAML stay text. An integer beyond 64 bits, a job id for one, stays text.
///
/// Source: Salt 3008, `salt/utils/args.py`, `parse_input` and `yamlify_arg`.
package struct SaltArguments: Sendable, Hashable {
    package private(set) var positional: [Value] = []
    package private(set) var named: ValueMap = [:]

    /// - Parameter unparsed: names whose values are taken as text.
    package init(_ words: some Sequence<String>, unparsed: Set<String> = []) {
        for word in words {
            guard let (name, value) = Self.namedArgument(word) else {
                positional.append(Self.value(word))
                continue
            }
            named[name] = unparsed.contains(name) ? .string(value) : Self.value(value)
        }
    }

    /// The call of a function with these arguments.
    package func call(_ function: String) -> FunctionCall {
        FunctionCall(function, arguments: positional, keywords: named)
    }

    /// Salt's `^([^\d\W][\w.-]*)=(?!=)(.*)$`; a single line end at the end is not part of the value.
    private static func namedArgument(_ word: String) -> (name: String, value: String)? {
        guard let equals = word.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = word[..<equals].unicodeScalars
        guard let first = name.first, isWordCharacter(first), first.properties.numericType == nil else { return nil }
        guard name.allSatisfy({ isWordCharacter($0) || $0 == "." || $0 == "-" }) else { return nil }
        var value = word[word.utf8.index(after: equals)...].unicodeScalars
        guard value.first != "=" else { return nil }
        if value.last == "\n" { value.removeLast() }
        return value.contains("\n") ? nil : (String(name), String(value))
    }

    private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// What one word means.
    package static func value(_ word: String) -> Value {
        let text = Value.string(word)
        let trimmed = word.unicodeScalars.drop(while: PythonText.isSpace).reversed().drop(while: PythonText.isSpace)
        if trimmed.isEmpty || trimmed.elementsEqual("---".unicodeScalars) || trimmed.elementsEqual("...".unicodeScalars)
        {
            return text
        }
        if word.utf8.contains(UInt8(ascii: "_")), trimmed.allSatisfy({ "0123456789_".unicodeScalars.contains($0) }) {
            return text
        }
        if word.utf8.contains(where: { $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }) { return text }
        if word == "None" { return .null }
        if isPlain(word) { return YAMLScalar.value(of: word) ?? text }
        // What is not YAML is text: that is the rule here, not a failure.
        guard let value = try? YAMLText.value(word), !value.hasCollectionKey else { return text }
        if word.utf8.contains(UInt8(ascii: "#")) {
            return value.string == nil && !value.isNull && !value.isBytes ? value : text
        }
        switch value {
        case .map: return word.hasPrefix("{") ? value : text
        case .array: return word.hasPrefix("[") ? value : text
        case .null: return word == "!" ? text : .null
        case .string(""): return word == "|" || word == "!" ? text : value
        case .bytes: return text
        case .bool, .int, .uint, .double, .string: return value
        }
    }

    /// Whether the word can only be an unquoted scalar, so that no parser is needed.
    private static func isPlain(_ word: String) -> Bool {
        word.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"): true
            default: false
            }
        }
    }
}

extension Value {
    /// Whether a map in it has a list or a map as a key: Python cannot hold that.
    fileprivate var hasCollectionKey: Bool {
        switch self {
        case .array(let elements): elements.contains(where: \.hasCollectionKey)
        case .map(let map): map.contains { $0.key.array != nil || $0.key.map != nil || $0.value.hasCollectionKey }
        case .null, .bool, .int, .uint, .double, .string, .bytes: false
        }
    }

    fileprivate var isBytes: Bool {
        guard case .bytes = self else { return false }
        return true
    }
}
