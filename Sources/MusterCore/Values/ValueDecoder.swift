/// Reads a `Decodable` out of a `Value`, the other half of `ValueEncoder`.
///
/// Unknown keys are ignored. Numbers convert where nothing is lost.
package struct ValueDecoder {
    package init() {}

    /// - Throws: `DecodingError` with the path to what is missing or of the wrong kind.
    package func decode<Object: Decodable>(_ type: Object.Type = Object.self, from value: Value) throws -> Object {
        try ValueDecoder.unbox(value, as: type, path: [])
    }

    fileprivate static func unbox<Object: Decodable>(
        _ value: Value, as type: Object.Type, path: [any CodingKey]
    ) throws -> Object {
        if let same = value as? Object, type == Value.self { return same }
        if type == ValueMap.self, let map = value.map as? Object { return map }
        if type == Duration.self, let seconds = value.double, seconds.isFinite, abs(seconds) < 1e12,
            let duration = Duration.microseconds(Int64(seconds * 1e6)) as? Object
        {
            return duration
        }
        return try Object(from: Implementation(value: value, codingPath: path))
    }

    fileprivate struct Implementation: Decoder {
        let value: Value
        let codingPath: [any CodingKey]
        var userInfo: [CodingUserInfoKey: Any] { [:] }

        func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
            guard let map = value.map else { throw mismatch("a map") }
            return KeyedDecodingContainer(Keyed<Key>(map: map, codingPath: codingPath))
        }

        func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
            guard let array = value.array else { throw mismatch("an array") }
            return Unkeyed(array: array, codingPath: codingPath)
        }

        func singleValueContainer() -> any SingleValueDecodingContainer { self }

        func mismatch(_ expected: String) -> DecodingError {
            .typeMismatch(
                Value.self,
                .init(codingPath: codingPath, debugDescription: "expected \(expected), found \(value.kindName)"))
        }

        func integer<Number: FixedWidthInteger>() throws -> Number {
            switch value {
            case .int(let number): if let exact = Number(exactly: number) { return exact }
            case .uint(let number): if let exact = Number(exactly: number) { return exact }
            case .double(let number): if let exact = Number(exactly: number) { return exact }
            case .null, .bool, .string, .bytes, .array, .map: break
            }
            throw mismatch("an integer")
        }
    }
}

extension Value {
    /// What kind of value this is, for messages to people.
    package var kindName: String {
        switch self {
        case .null: "nothing"
        case .bool: "a boolean"
        case .int, .uint: "an integer"
        case .double: "a number"
        case .string: "text"
        case .bytes: "bytes"
        case .array: "a list"
        case .map: "a map"
        }
    }
}

extension ValueDecoder.Implementation: SingleValueDecodingContainer {
    func decodeNil() -> Bool { value.isNull }
    func decode(_ type: Bool.Type) throws -> Bool {
        guard let flag = value.bool else { throw mismatch("a boolean") }
        return flag
    }
    func decode(_ type: String.Type) throws -> String {
        guard let text = value.string else { throw mismatch("text") }
        return text
    }
    func decode(_ type: Double.Type) throws -> Double {
        guard let number = value.double else { throw mismatch("a number") }
        return number
    }
    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try integer() }
    func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
    func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
    func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
    func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
    func decode(_ type: UInt.Type) throws -> UInt { try integer() }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
    func decode<Object: Decodable>(_ type: Object.Type) throws -> Object {
        try ValueDecoder.unbox(value, as: type, path: codingPath)
    }
}

private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let map: ValueMap
    let codingPath: [any CodingKey]
    var allKeys: [Key] { map.keys.compactMap(Key.init(stringValue:)) }

    private func decoder(_ key: Key) throws -> ValueDecoder.Implementation {
        guard let value = map[key.stringValue] else {
            throw DecodingError.keyNotFound(
                key, .init(codingPath: codingPath, debugDescription: "'\(key.stringValue)' is missing"))
        }
        return .init(value: value, codingPath: codingPath + [key])
    }

    func contains(_ key: Key) -> Bool { map[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { map[key.stringValue]?.isNull ?? true }
    func decode<Object: Decodable>(_ type: Object.Type, forKey key: Key) throws -> Object {
        let decoder = try decoder(key)
        return try ValueDecoder.unbox(decoder.value, as: type, path: decoder.codingPath)
    }
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try decoder(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }
    func superDecoder() throws -> any Decoder {
        ValueDecoder.Implementation(value: map["super"] ?? .null, codingPath: codingPath)
    }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}

private struct Unkeyed: UnkeyedDecodingContainer {
    let array: [Value]
    let codingPath: [any CodingKey]
    var currentIndex = 0
    var count: Int? { array.count }
    var isAtEnd: Bool { currentIndex >= array.count }

    init(array: [Value], codingPath: [any CodingKey]) {
        self.array = array
        self.codingPath = codingPath
    }

    private mutating func next() throws -> ValueDecoder.Implementation {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                Value.self,
                .init(codingPath: codingPath, debugDescription: "the list ends after \(array.count) elements"))
        }
        defer { currentIndex += 1 }
        return .init(value: array[currentIndex], codingPath: codingPath)
    }

    mutating func decodeNil() -> Bool {
        guard !isAtEnd, array[currentIndex].isNull else { return false }
        currentIndex += 1
        return true
    }
    mutating func decode<Object: Decodable>(_ type: Object.Type) throws -> Object {
        let decoder = try next()
        return try ValueDecoder.unbox(decoder.value, as: type, path: codingPath)
    }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested>
    {
        try next().container(keyedBy: type)
    }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}
