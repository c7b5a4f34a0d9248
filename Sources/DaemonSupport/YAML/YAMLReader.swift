import MusterCore
import Yams

/// Turns the nodes that Yams composed into values, under limits that no honest file reaches.
///
/// The limits stop aliases that multiply into gigabytes, and nesting that would exhaust the stack.
struct YAMLReader {
    private static let valueLimit = 500_000
    private static let depthLimit = 200

    private var valuesRead = 0

    mutating func value(of node: Node, depth: Int) throws(YAMLError) -> Value {
        valuesRead += 1
        guard valuesRead <= Self.valueLimit else {
            throw YAMLError("more than \(Self.valueLimit) values, aliases followed", at: node.mark)
        }
        guard depth <= Self.depthLimit else {
            throw YAMLError("nested deeper than \(Self.depthLimit)", at: node.mark)
        }
        switch node {
        case .scalar(let scalar): return try self.scalar(scalar)
        case .sequence(let sequence): return try self.sequence(sequence, depth: depth)
        case .mapping(let mapping): return try self.mapping(mapping, depth: depth)
        case .alias(let alias): throw YAMLError("an alias to nothing", at: alias.mark)
        }
    }

    // MARK: Scalars

    private func scalar(_ scalar: Node.Scalar) throws(YAMLError) -> Value {
        let text = scalar.string
        switch scalar.tag.rawValue {
        case "": return scalar.style == .plain ? YAMLScalar.value(of: text) ?? .string(text) : .string(text)
        case "!", Self.tag("str"), Self.tag("timestamp"), Self.tag("python/unicode"): return .string(text)
        case Self.tag("binary"): return try binary(scalar)
        case Self.tag("null"): return .null
        case Self.tag("bool"):
            guard let flag = YAMLScalar.boolean(text) ?? YAMLScalar.boolean(text.lowercased()) else {
                throw YAMLError("'\(text)' is no boolean", at: scalar.mark)
            }
            return .bool(flag)
        case Self.tag("int"):
            guard let number = YAMLScalar.integer(text) else {
                throw YAMLError("'\(text)' is no integer", at: scalar.mark)
            }
            return number
        case Self.tag("float"):
            guard let number = YAMLScalar.float(text) ?? Double(text) else {
                throw YAMLError("'\(text)' is no number", at: scalar.mark)
            }
            return .double(number)
        default: throw unknownTag(scalar.tag, at: scalar.mark)
        }
    }

    /// Base64 with line breaks and without its padding, as Salt tolerates it.
    private func binary(_ scalar: Node.Scalar) throws(YAMLError) -> Value {
        var text = scalar.string.utf8.filter { $0 > 0x20 }
        while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        guard let bytes = Base64.decode(text) else { throw YAMLError("no valid base64", at: scalar.mark) }
        return .bytes(bytes)
    }

    // MARK: Collections

    private mutating func sequence(_ sequence: Node.Sequence, depth: Int) throws(YAMLError) -> Value {
        guard ["", "!", Self.tag("seq")].contains(sequence.tag.rawValue) else {
            throw unknownTag(sequence.tag, at: sequence.mark)
        }
        var elements: [Value] = []
        elements.reserveCapacity(sequence.count)
        for node in sequence { elements.append(try value(of: node, depth: depth + 1)) }
        return .array(elements)
    }

    private mutating func mapping(_ mapping: Node.Mapping, depth: Int) throws(YAMLError) -> Value {
        guard ["", "!", Self.tag("map"), Self.tag("set"), Self.tag("omap")].contains(mapping.tag.rawValue) else {
            throw unknownTag(mapping.tag, at: mapping.mark)
        }
        var map = ValueMap()
        map.reserveCapacity(mapping.count)
        var seen: Set<Value> = []
        for (keyNode, node) in try merged(mapping, depth: depth) {
            let key = try key(of: keyNode, depth: depth + 1)
            guard seen.insert(key).inserted else {
                throw YAMLError("the key '\(key.jsonKey)' stands more than once in one map", at: keyNode.mark)
            }
            map.append(key, try value(of: node, depth: depth + 1))
        }
        return .map(map)
    }

    /// A key. Yams' own check for repeated keys has resolved its tag without rules, to text: an unquoted one counts as untagged.
    private mutating func key(of node: Node, depth: Int) throws(YAMLError) -> Value {
        guard case .scalar(let scalar) = node, isUnquoted(scalar) else { return try value(of: node, depth: depth) }
        return YAMLScalar.value(of: scalar.string) ?? .string(scalar.string)
    }

    private func isUnquoted(_ key: Node.Scalar) -> Bool {
        key.style == .plain && ["", Self.tag("str")].contains(key.tag.rawValue)
    }

    /// The entries of a map with those of its merge keys before them, its own winning over merged ones.
    private func merged(_ mapping: Node.Mapping, depth: Int) throws(YAMLError) -> [(Node, Node)] {
        guard depth <= Self.depthLimit else {
            throw YAMLError("nested deeper than \(Self.depthLimit)", at: mapping.mark)
        }
        var own: [(Node, Node)] = []
        var inherited: [(Node, Node)] = []
        for (key, node) in mapping {
            guard case .scalar(let scalar) = key, scalar.string == "<<", isUnquoted(scalar) else {
                own.append((key, node))
                continue
            }
            switch node {
            case .mapping(let other): inherited += try merged(other, depth: depth + 1)
            case .sequence(let others):
                for other in others.reversed() {
                    guard case .mapping(let other) = other else {
                        throw YAMLError("'<<' takes a map or a list of maps", at: other.mark)
                    }
                    inherited += try merged(other, depth: depth + 1)
                }
            case .scalar, .alias: throw YAMLError("'<<' takes a map or a list of maps", at: node.mark)
            }
        }
        guard !inherited.isEmpty else { return own }
        var names = Set(own.compactMap { $0.0.scalar?.string })
        // The last of several merged entries wins, in the place of the first.
        var kept: [(Node, Node)] = []
        for entry in inherited.reversed() {
            guard let name = entry.0.scalar?.string else {
                kept.append(entry)
                continue
            }
            if names.insert(name).inserted { kept.append(entry) }
        }
        return kept.reversed() + own
    }

    private static func tag(_ name: String) -> String { "tag:yaml.org,2002:" + name }

    private func unknownTag(_ tag: Tag, at mark: Mark?) -> YAMLError {
        YAMLError("the tag '\(tag.rawValue)' is not read", at: mark)
    }
}
