package import MessagePack
package import NIOCore

/// The outside of a request to a controller, read in place: `{enc, load, version, [id], [enc_algo], [sig_algo]}`.
///
/// Ranges count from the start of the bytes it was read from. Fields of the wrong kind count as absent; unknown fields
/// are passed over; of a repeated field the last counts.
///
/// Source: Salt 3006, `salt/channel/client.py`, `AsyncReqChannel._package_load`.
package struct RequestEnvelope: Sendable, Hashable {
    /// How the load is protected.
    package enum Protection: Sendable, Hashable {
        /// `clear`: the load is a map that anybody may have written.
        case clear
        /// `aes`: the load is sealed.
        case sealed
    }

    package let protection: Protection
    /// Of a sealed request the sealed bytes, of a clear one the encoded load.
    package let load: Range<Int>
    /// The protocol version; 0 when the peer names none.
    package let version: Int64
    /// Who says it sends this; only in version 3. Chooses the key and proves nothing.
    package let id: Range<Int>?
    /// What the peer wants for RSA encryption in the reply to `_pillar`.
    package let encryptionAlgorithm: Range<Int>?
    /// What the peer wants for RSA signatures in the reply to `_pillar`.
    package let signatureAlgorithm: Range<Int>?

    /// Reads one request and nothing behind it.
    package init(_ bytes: RawSpan, limits: MessagePackLimits = .standard) throws(RequestRefusal) {
        var fields = Fields()
        do throws(MessagePackError) {
            var reader = MessagePackReader(bytes, limits: limits)
            try fields.read(&reader)
            try reader.finish()
        } catch .unexpectedKind(offset: 0, _, _) {
            throw .notAnEnvelope
        } catch {
            throw .undecodable(error)
        }
        guard let protection = fields.protection else { throw .notAnEnvelope }
        switch protection {
        case .clear:
            guard let load = fields.encodedLoad else { throw .notAnEnvelope }
            self.load = load
        case .sealed:
            // Salt fails to decrypt what is not bytes, and answers the same.
            guard let load = fields.loadContents else { throw .notAnEnvelope }
            self.load = load
        }
        self.protection = protection
        version = fields.version
        id = fields.id
        encryptionAlgorithm = fields.encryptionAlgorithm
        signatureAlgorithm = fields.signatureAlgorithm
    }

    private struct Fields {
        var protection: Protection?
        var encodedLoad: Range<Int>?
        var loadContents: Range<Int>?
        var version: Int64 = 0
        var id: Range<Int>?
        var encryptionAlgorithm: Range<Int>?
        var signatureAlgorithm: Range<Int>?

        mutating func read(_ reader: inout MessagePackReader) throws(MessagePackError) {
            for _ in 0..<(try reader.readMap()) {
                guard let key = try reader.readTextOrSkip() else {
                    try reader.skip()
                    continue
                }
                if reader.matches(key, "enc") {
                    protection = try reader.readTextOrSkip().flatMap { range in
                        if reader.matches(range, "aes") { return Protection.sealed }
                        return reader.matches(range, "clear") ? .clear : nil
                    }
                } else if reader.matches(key, "load") {
                    let start = reader.offset
                    loadContents = try reader.readTextOrSkip()
                    encodedLoad = start..<reader.offset
                } else if reader.matches(key, "version") {
                    version = try reader.readIntOrSkip() ?? 0
                } else if reader.matches(key, "id") {
                    id = try reader.readTextOrSkip()
                } else if reader.matches(key, "enc_algo") {
                    encryptionAlgorithm = try reader.readTextOrSkip()
                } else if reader.matches(key, "sig_algo") {
                    signatureAlgorithm = try reader.readTextOrSkip()
                } else {
                    try reader.skip()
                }
            }
        }
    }
}

// MARK: Writing

extension RequestEnvelope {
    /// A clear request around a load that is encoded already.
    package static func clear(load: [UInt8]) -> [UInt8] {
        var writer = MessagePackWriter(.raw, capacity: load.count + 32)
        writer.writeMap(count: 3)
        writer.writeKey("enc")
        writer.writeKey("clear")
        writer.writeKey("load")
        writer.writeEncoded(load)
        writer.writeKey("version")
        writer.write(SaltVersion.current)
        return writer.finish()
    }

    /// A sealed request, as a node sends it.
    ///
    /// - Parameter load: The sealed load.
    package static func sealed(
        load: [UInt8], id: String, encryption: EncryptionAlgorithm = .saltDefault,
        signature: SignatureAlgorithm = .saltDefault
    ) -> [UInt8] {
        var writer = MessagePackWriter(.raw, capacity: load.count + 128)
        writer.writeMap(count: 6)
        writer.writeKey("enc")
        writer.writeKey("aes")
        writer.writeKey("load")
        writer.writeBinary(load)
        writer.writeKey("version")
        writer.write(SaltVersion.current)
        writer.writeKey("id")
        writer.write(id)
        writer.writeKey("enc_algo")
        writer.write(encryption.rawValue)
        writer.writeKey("sig_algo")
        writer.write(signature.rawValue)
        return writer.finish()
    }

    /// Seals a load, and appends the request around it to a buffer: what `sealed` gives, with fewer copies.
    package static func write(
        sealing load: RawSpan, by container: Container, id: String, into buffer: inout ByteBuffer
    ) throws(CryptographyError) {
        var tail = MessagePackWriter(.raw, capacity: 128)
        tail.writeKey("version")
        tail.write(SaltVersion.current)
        tail.writeKey("id")
        tail.write(id)
        tail.writeKey("enc_algo")
        tail.write(EncryptionAlgorithm.saltDefault.rawValue)
        tail.writeKey("sig_algo")
        tail.write(SignatureAlgorithm.saltDefault.rawValue)
        let count = Container.sealedCount(of: load.byteCount)
        buffer.reserveCapacity(minimumWritableBytes: sealedHead.count + 5 + count + tail.bytes.count)
        buffer.writeBytes(sealedHead)
        buffer.writeRawHead(count: count)
        try container.seal(load, into: &buffer)
        buffer.writeBytes(tail.bytes)
    }

    /// What is in front of the sealed bytes of every request.
    private static let sealedHead: [UInt8] = {
        var head = MessagePackWriter(.raw)
        head.writeMap(count: 6)
        head.writeKey("enc")
        head.writeKey("aes")
        head.writeKey("load")
        return head.finish()
    }()
}

/// The versions of Salt's protocol that are spoken here.
package enum SaltVersion {
    /// Session keys, and every check mandatory. What we send, and by default all that is accepted.
    package static let current: Int64 = 3
    /// The last one before session keys; accepted only where an operator opted in.
    package static let beforeSessions: Int64 = 2
}
