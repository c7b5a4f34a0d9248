/// Looks up and matches paths such as `os:Debian` or `network:eth0:*` in facts and pillar, the way Salt does.
///
/// Source: Salt 3008, `salt/utils/data.py`, `traverse_dict_and_list` and `subdict_match`.
package enum FactPath {
    /// How the last part of a path is compared. Both sides are lower-cased, as Salt does.
    package enum Comparison: Sendable, Hashable {
        case glob, regex, exact
    }

    /// The value at a path, nil when there is none. Numbers index lists; a key that is no text is found by its YAML form.
    package static func value(at path: String, in data: Value, delimiter: String = ":") -> Value? {
        value(at: split(path, by: delimiter), in: data)
    }

    /// Whether an expression `KEY:...:PATTERN` matches somewhere in the data.
    ///
    /// All ways to split it into path and pattern are tried, the longest path first, so that values may contain the
    /// delimiter. A list matches by any element, a map by any key. `*:` stands for every branch.
    package static func matches(
        _ expression: String, in data: Value, delimiter: String = ":", comparison: Comparison = .glob
    ) -> Bool {
        let parts = split(expression, by: delimiter)
        guard parts.count > 1 else { return false }
        for count in stride(from: parts.count - 1, to: 0, by: -1) {
            let path = Array(parts[..<count])
            let pattern: String
            let found: Value
            if path == ["*"] {
                (pattern, found) = (expression, data)
            } else {
                pattern = parts[count...].joined(separator: delimiter)
                guard let value = value(at: path, in: data) else { continue }
                found = value
            }
            switch found {
            case .map(let map):
                if !map.isEmpty, matches(pattern, inMap: map, comparison) { return true }
            case .array(let elements):
                for element in elements {
                    if let map = element.map, matches(pattern, inMap: map, comparison) { return true }
                    if compare(element, pattern, comparison) { return true }
                }
            case .null, .bool, .int, .uint, .double, .string, .bytes:
                if compare(found, pattern, comparison) { return true }
            }
        }
        return false
    }

    private static func matches(_ pattern: String, inMap map: ValueMap, _ comparison: Comparison) -> Bool {
        let isWildcard = pattern.hasPrefix("*:")
        let pattern = isWildcard ? String(pattern.dropFirst(2)) : pattern
        if pattern == "*" || map[pattern] != nil { return true }
        if map.contains(where: { compare($0.key, pattern, comparison) }) { return true }
        if matches(pattern, in: .map(map), comparison: comparison) { return true }
        guard isWildcard else { return false }
        return map.contains { entry in
            switch entry.value {
            case .map(let inner): matches(pattern, inMap: inner, comparison)
            case .array(let elements): elements.contains { compare($0, pattern, comparison) }
            case .null, .bool, .int, .uint, .double, .string, .bytes: compare(entry.value, pattern, comparison)
            }
        }
    }

    private static func compare(_ value: Value, _ pattern: String, _ comparison: Comparison) -> Bool {
        let text = value.pythonText.lowercased()
        let pattern = pattern.lowercased()
        switch comparison {
        case .glob: return Glob(pattern).matches(text)
        case .exact: return pattern == text
        // Salt logs an expression it cannot compile and goes on as if it did not match.
        case .regex: return (try? Pattern.regex(pattern))?.matches(text) ?? false
        }
    }

    private static func value(at path: [String], in data: Value) -> Value? {
        var current = data
        for part in path {
            switch current {
            case .map(let map):
                guard let next = map[part] ?? map[scalar(part)] else { return nil }
                current = next
            case .array(let elements):
                let key = Int64(part).map(Value.int) ?? .string(part)
                if let inner = elements.lazy.compactMap({ $0.map?[key] }).first {
                    current = inner
                } else if let index = Int(part), let element = elements.element(pythonIndex: index) {
                    current = element
                } else {
                    return nil
                }
            case .null, .bool, .int, .uint, .double, .string, .bytes:
                return nil
            }
        }
        return current
    }

    /// The YAML reading of a path part, for keys that are numbers or booleans.
    private static func scalar(_ part: String) -> Value {
        if let number = Int64(part) { return .int(number) }
        switch part.lowercased() {
        case "true": return true
        case "false": return false
        case "null", "none": return .null
        default: return Double(part).map(Value.double) ?? .string(part)
        }
    }

    /// Splits by a text of any length; an empty delimiter does not split.
    static func split(_ text: String, by delimiter: String) -> [String] {
        guard !delimiter.isEmpty else { return [text] }
        var parts: [String] = []
        var rest = text[...]
        while let range = rest.firstRange(of: delimiter) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}

extension [Value] {
    /// The element at an index that counts from the end when negative, as Python's.
    fileprivate func element(pythonIndex index: Int) -> Value? {
        let position = index < 0 ? count + index : index
        return indices.contains(position) ? self[position] : nil
    }
}
