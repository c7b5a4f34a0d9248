/// With `ValueEncoder` and `ValueDecoder` a value passes unchanged; with any other coder it is written by kind, bytes
/// as an array of numbers.
extension Value: Codable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .int(let number): try container.encode(number)
        case .uint(let number): try container.encode(number)
        case .double(let number): try container.encode(number)
        case .string(let text): try container.encode(text)
        case .bytes(let bytes): try container.encode(bytes)
        case .array(let elements): try container.encode(elements)
        case .map(let map): try container.encode(map)
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {  // each attempt that fails means: another kind
            self = .bool(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .int(number)
        } else if let number = try? container.decode(UInt64.self) {
            self = Value(unsigned: number)
        } else if let number = try? container.decode(Double.self) {
            self = .double(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let elements = try? container.decode([Value].self) {
            self = .array(elements)
        } else {
            self = .map(try container.decode(ValueMap.self))
        }
    }
}

extension ValueMap: Codable {
    private struct TextKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: TextKey.self)
        for entry in self {
            try container.encode(entry.value, forKey: TextKey(stringValue: entry.key.jsonKey))
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: TextKey.self)
        self.init()
        for key in container.allKeys {
            append(.string(key.stringValue), try container.decode(Value.self, forKey: key))
        }
    }
}
