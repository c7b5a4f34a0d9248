/// A value that travels between operators and nodes: arguments, returns, facts, event data.
///
/// The common ground of MessagePack, JSON, YAML and Ruby Marshal as the protocol targets translate them. Maps keep
/// the order in which their peer sent them. Integers are `int` whenever they fit; `uint` holds only values above
/// `Int64.max`, so that two equal numbers never differ in case.
package enum Value: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    /// Bytes that are not text. They print as base64 in JSON.
    case bytes([UInt8])
    case array([Value])
    case map(ValueMap)
}

extension Value {
    /// An integer in its one canonical case.
    package init(unsigned value: UInt64) {
        self = Int64(exactly: value).map(Value.int) ?? .uint(value)
    }

    /// The text, or nil when this is not a string.
    package var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The integer, or nil when this is no integer or does not fit.
    package var int: Int64? {
        guard case .int(let number) = self else { return nil }
        return number
    }

    /// The number as floating point; integers convert.
    package var double: Double? {
        switch self {
        case .double(let number): number
        case .int(let number): Double(number)
        case .uint(let number): Double(number)
        case .null, .bool, .string, .bytes, .array, .map: nil
        }
    }

    /// The boolean, or nil when this is not one.
    package var bool: Bool? {
        guard case .bool(let flag) = self else { return nil }
        return flag
    }

    /// The elements, or nil when this is not an array.
    package var array: [Value]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// The map, or nil when this is not one.
    package var map: ValueMap? {
        guard case .map(let map) = self else { return nil }
        return map
    }

    /// Whether this is `null`.
    package var isNull: Bool { self == .null }

    /// The value of `key`, nil when this is not a map or has no such key.
    package subscript(_ key: String) -> Value? {
        guard case .map(let map) = self else { return nil }
        return map[key]
    }

    /// Python's truth: false are null, false, zero, and empty text, bytes, arrays and maps. Salt's tests use it.
    package var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let flag): flag
        case .int(let number): number != 0
        case .uint: true
        case .double(let number): number != 0
        case .string(let text): !text.isEmpty
        case .bytes(let bytes): !bytes.isEmpty
        case .array(let elements): !elements.isEmpty
        case .map(let map): !map.isEmpty
        }
    }
}

extension Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: Value...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (Value, Value)...) {
        self = .map(ValueMap(elements.map { (key: $0.0, value: $0.1) }))
    }
}
