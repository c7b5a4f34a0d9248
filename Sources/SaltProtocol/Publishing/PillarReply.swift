import MessagePack

/// Why a node does not believe a pillar.
package enum PillarRefusal: Error, Equatable, Sendable {
    /// A text instead of a pillar, or no known form: sign in again and ask once more.
    case notAPillar
    /// The key in the reply is not for us.
    case unreadableKey
    /// The pillar is sealed with another key or broken inside.
    case unreadable(ContainerError)
    /// Not signed by the controller.
    case invalidSignature
    /// The signed part belongs to another reply.
    case wrongKey
    /// The reply answers another request.
    case wrongNonce
}

extension PillarRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAPillar: "the controller answers something else than a pillar: sign in again"
        case .unreadableKey: "the pillar is encrypted for another node's key: sign in again"
        case .unreadable(let error): "the pillar cannot be opened: \(error)"
        case .invalidSignature: "the pillar is not signed by the controller: somebody may be in between"
        case .wrongKey: "the signed pillar was taken from another reply: somebody may be in between"
        case .wrongNonce: "the pillar answers another request: somebody may be replaying messages"
        }
    }
}

/// The reply to `_pillar`, which alone is not sealed with the session key: `{key: K, pillar: E}`.
///
///     K = a fresh key string, RSA-encrypted for the stored key of the node
///     E = sealed with it: {data: D, sig: S};  D = {key: K, pillar: …, nonce: N};  S = signature over D
///
/// Source: Salt 3006, `salt/channel/server.py`, `ReqServerChannel._encrypt_private`; `salt/channel/client.py`,
/// `crypted_transfer_decode_dictentry`.
package enum PillarReply {
    /// The whole reply: one private operation and one public one (not for an event loop).
    ///
    /// - Parameters:
    ///   - pillar: The encoded pillar, a map.
    ///   - node: The accepted key of the node, not the one a request names.
    ///   - nonce: That of the request.
    package static func encoded(
        _ pillar: [UInt8], for node: PublicKey, nonce: Nonce, by controller: PrivateKey,
        encryption: EncryptionAlgorithm, signature: SignatureAlgorithm
    ) throws(CryptographyError) -> [UInt8] {
        let key = try KeyString.random()
        let sealedKey = try node.encrypt(key.ascii, using: encryption)

        var data = MessagePackWriter(.raw, capacity: pillar.count + sealedKey.count + 80)
        data.writeMap(count: 3)
        data.write("key")
        data.writeBinary(sealedKey)
        data.write("pillar")
        data.writeEncoded(pillar)
        data.write("nonce")
        data.writeString(nonce.ascii)
        let signed = data.finish()

        var inner = MessagePackWriter(.raw, capacity: signed.count + 600)
        inner.writeMap(count: 2)
        inner.write("data")
        inner.writeBinary(signed)
        inner.write("sig")
        inner.writeBinary(try controller.sign(signed, using: signature))

        let sealed = try Container(key).seal(inner.finish())
        var reply = MessagePackWriter(.raw, capacity: sealed.count + sealedKey.count + 32)
        reply.writeMap(count: 2)
        reply.write("key")
        reply.writeBinary(sealedKey)
        reply.write("pillar")
        reply.writeBinary(sealed)
        return reply.finish()
    }

    /// Checks a reply and gives the encoded pillar: one private operation and one public one.
    ///
    /// - Parameters:
    ///   - nonce: That of the request.
    ///   - controller: The remembered key, never one that the reply names.
    ///   - encryption: What the request asked for, as the other algorithm.
    package static func open(
        _ reply: [UInt8], nonce: Nonce, with node: PrivateKey, from controller: PublicKey,
        encryption: EncryptionAlgorithm, signature: SignatureAlgorithm
    ) throws(PillarRefusal) -> [UInt8] {
        guard let outer = Fields(reply), let sealedKey = outer.key, let sealed = outer.pillarBytes else {
            throw .notAPillar
        }
        let key: KeyString
        do throws(CryptographyError) {
            key = try KeyString(ascii: node.decrypt(sealedKey, using: encryption))
        } catch {
            throw .unreadableKey
        }
        guard let inner = Fields(try openContainer(sealed, key)), let data = inner.data, let proof = inner.signature
        else {
            throw .notAPillar
        }
        guard controller.isValid(proof, over: data, using: signature) else { throw .invalidSignature }
        guard let fields = Fields(data), let pillar = fields.encodedPillar else { throw .notAPillar }
        guard fields.key == sealedKey else { throw .wrongKey }
        guard fields.nonce == nonce else { throw .wrongNonce }
        return pillar
    }

    private static func openContainer(_ sealed: [UInt8], _ key: KeyString) throws(PillarRefusal) -> [UInt8] {
        let container: Container
        do throws(CryptographyError) {
            container = try Container(key)
        } catch {
            throw .unreadable(.library(error))
        }
        do throws(ContainerError) { return try container.open(sealed) } catch { throw .unreadable(error) }
    }

    /// The fields of the three maps; each uses some.
    private struct Fields {
        var key, data, signature, pillarBytes, encodedPillar: [UInt8]?
        var nonce: Nonce?

        /// Nil when the bytes are not one whole map.
        init?(_ bytes: [UInt8]) {
            do throws(MessagePackError) { try read(bytes.span.bytes) } catch { return nil }
        }

        private mutating func read(_ bytes: RawSpan) throws(MessagePackError) {
            var reader = MessagePackReader(bytes)
            for _ in 0..<(try reader.readMap()) {
                guard let name = try reader.readTextOrSkip() else {
                    try reader.skip()
                    continue
                }
                if reader.matches(name, "key") {
                    key = try reader.readTextOrSkip().map { reader.array($0) }
                } else if reader.matches(name, "data") {
                    data = try reader.readTextOrSkip().map { reader.array($0) }
                } else if reader.matches(name, "sig") {
                    signature = try reader.readTextOrSkip().map { reader.array($0) }
                } else if reader.matches(name, "nonce") {
                    nonce = try reader.readTextOrSkip().flatMap { Nonce(ascii: reader.bytes.extracting($0)) }
                } else if reader.matches(name, "pillar") {
                    let start = reader.offset
                    pillarBytes = try reader.readTextOrSkip().map { reader.array($0) }
                    encodedPillar = reader.array(start..<reader.offset)
                } else {
                    try reader.skip()
                }
            }
            try reader.finish()
        }
    }
}
