package import MessagePack

/// The outside of a publish, read in place: `{enc: "aes", load, sig_algo, sig}`; the last two if the controller signs.
///
/// Ranges count from the start of the bytes it was read from. The signature is over the bytes of `load`.
///
/// Source: Salt 3006, `salt/channel/server.py`, `PubServerChannel.wrap_payload`.
package struct PublishEnvelope: Sendable, Hashable {
    /// The sealed load.
    package let load: Range<Int>
    /// The signature's algorithm as the sender names it, nil when it names none or none that is known.
    package let signatureAlgorithm: SignatureAlgorithm?
    package let signature: Range<Int>?

    /// Reads one publish and nothing behind it.
    package init(_ bytes: [UInt8]) throws(MessageError) { try self.init(bytes.span.bytes) }

    /// Reads one publish and nothing behind it.
    package init(_ bytes: RawSpan, limits: MessagePackLimits = .standard) throws(MessageError) {
        var isSealed = false
        var load: Range<Int>?
        var algorithm: SignatureAlgorithm?
        var signature: Range<Int>?
        do throws(MessagePackError) {
            var reader = MessagePackReader(bytes, limits: limits)
            for _ in 0..<(try reader.readMap()) {
                guard let key = try reader.readTextOrSkip() else {
                    try reader.skip()
                    continue
                }
                if reader.matches(key, "enc") {
                    isSealed = try reader.readTextOrSkip().map { reader.matches($0, "aes") } ?? false
                } else if reader.matches(key, "load") {
                    load = try reader.readTextOrSkip()
                } else if reader.matches(key, "sig_algo") {
                    algorithm = try reader.readTextOrSkip().flatMap { reader.text($0) }.flatMap(SignatureAlgorithm.init)
                } else if reader.matches(key, "sig") {
                    signature = try reader.readTextOrSkip()
                } else {
                    try reader.skip()
                }
            }
            try reader.finish()
        } catch {
            throw .undecodable(error)
        }
        guard isSealed else { throw .invalidField("enc") }
        guard let load else { throw .missingField("load") }
        self.load = load
        self.signatureAlgorithm = algorithm
        self.signature = signature
    }

    /// A publish around a sealed and signed load.
    package static func encoded(load: [UInt8], signature: [UInt8], algorithm: SignatureAlgorithm) -> [UInt8] {
        var writer = MessagePackWriter(.raw, capacity: load.count + signature.count + 64)
        writer.writeMap(count: 4)
        writer.writeKey("enc")
        writer.writeKey("aes")
        writer.writeKey("load")
        writer.writeBinary(load)
        writer.writeKey("sig_algo")
        writer.write(algorithm.rawValue)
        writer.writeKey("sig")
        writer.writeBinary(signature)
        return writer.finish()
    }
}
