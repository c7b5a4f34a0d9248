package import MusterCore

/// The border between MCollective's values and ours.
extension RubyValue {
    /// The value as the rest of Muster sees it: symbols are text, strings are text when they are UTF-8 and bytes
    /// otherwise, a regexp is its source between slashes, an integer beyond 64 bits its decimal text.
    package var value: Value {
        switch self {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .int(let number): .int(number)
        case .big(let number): number.uint64.map(Value.uint) ?? .string(number.description)
        case .double(let number): .double(number)
        case .string(let string): string.text.map(Value.string) ?? .bytes(string.bytes)
        case .symbol(let name): .string(name)
        case .array(let elements): .array(elements.map(\.value))
        case .hash(let hash): .map(ValueMap(hash.pairs.map { (key: $0.key.value, value: $0.value.value) }))
        case .regexp(let regexp): .string("/\(String(decoding: regexp.source.bytes, as: UTF8.self))/")
        }
    }

    /// A value of ours: text is UTF-8, and the keys of maps stay text.
    package init(_ value: Value) {
        self =
            switch value {
            case .null: .null
            case .bool(let flag): .bool(flag)
            case .int(let number): .int(number)
            case .uint(let number): .big(RubyInteger(number))
            case .double(let number): .double(number)
            case .string(let text): .text(text)
            case .bytes(let bytes): .bytes(bytes)
            case .array(let elements): .array(elements.map { RubyValue($0) })
            case .map(let map): .hash(map.map { (RubyValue($0.key), RubyValue($0.value)) })
            }
    }

    /// A map of ours whose text keys become symbols, as inputs and outputs of actions have them.
    package init(symbols map: ValueMap) {
        self = .hash(map.map { ($0.key.string.map(RubyValue.symbol) ?? RubyValue($0.key), RubyValue($0.value)) })
    }
}

extension RubyInteger {
    /// A number above `Int64.max`.
    init(_ number: UInt64) {
        self.init(isNegative: false, magnitude: (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
    }
}
