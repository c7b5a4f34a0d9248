/// Turns an `Encodable` into a `Value`, keeping the order of keys: what the API sends and the store keeps as JSON.
///
/// A `Value` inside goes through as it is, a `Duration` becomes seconds. Optional nils are left out of keyed containers.
package struct ValueEncoder {
    package init() {}

    /// - Throws: what the type's own `encode(to:)` throws.
    package func encode(_ object: some Encodable) throws -> Value {
        try ValueEncoder.box(object, path: [])
    }

    fileprivate static func box(_ object: some Encodable, path: [any CodingKey]) throws -> Value {
        switch object {
        case let value as Value: return value
        case let map as ValueMap: return .map(map)
        case let duration as Duration: return .double(duration.inSeconds)
        default: break
        }
        let encoder = Implementation(codingPath: path)
        try object.encode(to: encoder)
        return encoder.result
    }

    /// Collects what one object writes. Reference semantics are what `Encoder` asks for; it never leaves the call.
    fileprivate final class Implementation: Encoder {
        let codingPath: [any CodingKey]
        var userInfo: [CodingUserInfoKey: Any] { [:] }
        var single: Value?
        var map: ValueMap?
        var array: [Value]?
        /// Containers opened inside, resolved when the result is read.
        var children: [(key: Value?, child: Implementation)] = []

        init(codingPath: [any CodingKey]) { self.codingPath = codingPath }

        var result: Value {
            if let single { return single }
            if var array {
                for (_, child) in children { array.append(child.result) }
                return .array(array)
            }
            var map = map ?? [:]
            for (key, child) in children { if let key { map[key] = child.result } }
            return .map(map)
        }

        func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
            if map == nil { map = [:] }
            return KeyedEncodingContainer(Keyed<Key>(encoder: self))
        }

        func unkeyedContainer() -> any UnkeyedEncodingContainer {
            if array == nil { array = [] }
            return Unkeyed(encoder: self)
        }

        func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

        func child(_ key: Value?, _ codingKey: any CodingKey) -> Implementation {
            let child = Implementation(codingPath: codingPath + [codingKey])
            children.append((key, child))
            return child
        }
    }
}

/// The position in an array, as a key.
private struct Index: CodingKey {
    let intValue: Int?
    var stringValue: String { "\(intValue ?? 0)" }
    init(_ position: Int) { intValue = position }
    init?(stringValue: String) { nil }
    init?(intValue: Int) { self.intValue = intValue }
}

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ValueEncoder.Implementation
    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil(forKey key: Key) { encoder.map?[key.stringValue] = .null }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        encoder.map?[key.stringValue] = try ValueEncoder.box(value, path: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder.child(.string(key.stringValue), key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.child(.string(key.stringValue), key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.child("super", Index(0)) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.child(.string(key.stringValue), key) }
}

private struct Unkeyed: UnkeyedEncodingContainer {
    let encoder: ValueEncoder.Implementation
    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.array?.count ?? 0 }

    func encodeNil() { encoder.array?.append(.null) }

    func encode(_ value: some Encodable) throws {
        // Outside the append: `count` reads the array that the append changes.
        let element = try ValueEncoder.box(value, path: codingPath + [Index(count)])
        encoder.array?.append(element)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder.child(nil, Index(count)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        encoder.child(nil, Index(count)).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.child(nil, Index(count)) }
}

private struct Single: SingleValueEncodingContainer {
    let encoder: ValueEncoder.Implementation
    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil() { encoder.single = .null }
    func encode(_ value: Bool) { encoder.single = .bool(value) }
    func encode(_ value: String) { encoder.single = .string(value) }
    func encode(_ value: Double) { encoder.single = .double(value) }
    func encode(_ value: Float) { encoder.single = .double(Double(value)) }
    func encode(_ value: Int) { encoder.single = .int(Int64(value)) }
    func encode(_ value: Int8) { encoder.single = .int(Int64(value)) }
    func encode(_ value: Int16) { encoder.single = .int(Int64(value)) }
    func encode(_ value: Int32) { encoder.single = .int(Int64(value)) }
    func encode(_ value: Int64) { encoder.single = .int(value) }
    func encode(_ value: UInt) { encoder.single = Value(unsigned: UInt64(value)) }
    func encode(_ value: UInt8) { encoder.single = .int(Int64(value)) }
    func encode(_ value: UInt16) { encoder.single = .int(Int64(value)) }
    func encode(_ value: UInt32) { encoder.single = .int(Int64(value)) }
    func encode(_ value: UInt64) { encoder.single = Value(unsigned: value) }
    func encode(_ value: some Encodable) throws {
        encoder.single = try ValueEncoder.box(value, path: codingPath)
    }
}
