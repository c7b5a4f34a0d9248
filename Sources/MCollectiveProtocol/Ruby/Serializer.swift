/// How values become bytes: the two serialisers of the ssl and aes providers; psk always uses Marshal.
package enum Serializer: String, Hashable, Sendable {
    case marshal, yaml

    /// The bytes of a value.
    ///
    /// - Parameter shared: Texts that the peer holds as one object each, which Marshal then writes as links.
    package func bytes(_ value: RubyValue, shared: Set<String> = []) -> [UInt8] {
        switch self {
        case .marshal: MarshalWriter.bytes(value, shared: shared)
        case .yaml: YAMLWriter.bytes(value)
        }
    }

    /// The value that the bytes hold.
    package func value(
        _ bytes: [UInt8], limits: SerializerLimits = .standard
    ) throws(SerializerError) -> RubyValue {
        switch self {
        case .marshal:
            do { return try MarshalReader.value(bytes, limits: limits) } catch { throw .marshal(error) }
        case .yaml:
            do { return try YAMLReader.value(bytes, limits: limits) } catch { throw .yaml(error) }
        }
    }
}

/// Why bytes are no value of either serialiser.
package enum SerializerError: Error, Hashable, Sendable {
    case marshal(MarshalError)
    case yaml(YAMLError)
}

extension SerializerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .marshal(let error): "Marshal: \(error)"
        case .yaml(let error): "YAML: \(error)"
        }
    }
}
