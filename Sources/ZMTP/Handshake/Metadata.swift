public import NIOCore

/// The properties of READY, in the peer's order.
///
///     metadata = *property
///     property = name value
///     name     = OCTET 1*255name-char        ; ALPHA / DIGIT / "-" / "_" / "." / "+"; case does not matter
///     value    = 4OCTET *OCTET               ; length, big-endian
///
/// Spec: ZMTP 3.1 (RFC 37), "Metadata".
public struct Metadata: Sendable, Equatable {
    /// One property.
    public struct Property: Sendable, Equatable {
        public var name: String
        public var value: ByteBuffer

        public init(name: String, value: ByteBuffer) {
            self.name = name
            self.value = value
        }
    }

    public var properties: [Property]

    public init(_ properties: [Property] = []) {
        self.properties = properties
    }

    /// The metadata that a socket of this type sends.
    public init(socketType: SocketType, identity: ByteBuffer) {
        properties = [Property(name: "Socket-Type", value: ByteBuffer(string: socketType.rawValue))]
        if socketType.announcesIdentity { properties.append(Property(name: "Identity", value: identity)) }
    }

    /// The value of the first property of this name.
    public subscript(name: String) -> ByteBuffer? {
        let wanted = name.lowercased()
        return properties.first { $0.name.lowercased() == wanted }?.value
    }

    init(encoded: ByteBuffer) throws(ZMTPError) {
        var rest = encoded
        properties = []
        while let nameBytes = rest.readInteger(as: UInt8.self) {
            guard nameBytes > 0, let name = rest.readBytes(length: Int(nameBytes)),
                name.allSatisfy(Metadata.isNameCharacter),
                let valueBytes = rest.readInteger(as: UInt32.self),
                let value = rest.readSlice(length: Int(valueBytes))
            else { throw .malformedMetadata }
            properties.append(Property(name: String(decoding: name, as: UTF8.self), value: value))
        }
    }

    func encode(into buffer: inout ByteBuffer) {
        for property in properties {
            let name = property.name.utf8.prefix(255)
            buffer.writeInteger(UInt8(name.count))
            buffer.writeBytes(name)
            buffer.writeInteger(UInt32(property.value.readableBytes))
            buffer.writeImmutableBuffer(property.value)
        }
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }
}

/// Who is at the other end, as far as it says so itself.
public struct PeerProperties: Sendable, Equatable {
    /// The lower of both sides' versions.
    public var version: Version
    public var socketType: SocketType
    /// What the peer calls itself; empty for most.
    public var identity: ByteBuffer

    public init(version: Version, socketType: SocketType, identity: ByteBuffer = ByteBuffer()) {
        self.version = version
        self.socketType = socketType
        self.identity = identity
    }

    /// Reads READY's metadata, and checks it against our own socket type.
    init(_ metadata: Metadata, version: Version, ours: SocketType) throws(ZMTPError) {
        guard let name = metadata["Socket-Type"] else { throw .missingSocketType }
        guard let type = SocketType(rawValue: String(buffer: name)) else {
            throw .unknownSocketType(ZMTPError.printable(name.readableBytesView))
        }
        guard ours.compatiblePeers.contains(type) else { throw .incompatibleSocketTypes(peer: type, ours: ours) }
        let identity = metadata["Identity"] ?? ByteBuffer()
        guard identity.readableBytes <= 255 else { throw .identityTooLong(bytes: identity.readableBytes) }
        guard identity.readableBytesView.first != 0 else { throw .reservedIdentity }
        self.init(version: version, socketType: type, identity: identity)
    }
}
