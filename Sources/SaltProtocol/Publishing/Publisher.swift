/// Seals, signs and numbers publishes under one key at a time.
///
/// Not `Sendable`: one owner, who also sends what comes out **in the order in which it came out**, or nodes discard
/// the publish with the lower serial. Each publish costs one private operation (0.3 ms with 2048 bits), so the owner is a
/// thread or an actor of its own and no event loop.
///
/// Source: Salt 3006, `salt/channel/server.py`, `PubServerChannel.wrap_payload`.
package final class Publisher {
    private let signer: PrivateKey
    private let algorithm: SignatureAlgorithm
    private var container: Container
    /// The key in use.
    package private(set) var key: PublishKey

    /// - Parameters:
    ///   - signer: The controller's key pair.
    ///   - algorithm: `publish_signing_algorithm`.
    package init(
        _ key: PublishKey, signer: PrivateKey, algorithm: SignatureAlgorithm = .saltDefault
    ) throws(CryptographyError) {
        self.key = key
        self.signer = signer
        self.algorithm = algorithm
        container = try Container(key.key)
    }

    /// One frame for the publish port.
    ///
    /// - Parameter load: Makes the encoded load around the serial it is given. A serial is used up even when this throws: gaps are
    ///   legal, repetitions are not.
    package func publish(_ load: (_ serial: Int64) -> [UInt8]) throws(CryptographyError) -> [UInt8] {
        let sealed = try container.seal(load(key.takeSerial()))
        let signature = try signer.sign(sealed, using: algorithm)
        return PublishEnvelope.encoded(load: sealed, signature: signature, algorithm: algorithm)
    }

    /// From now on another key: what is published next makes the nodes sign in again and read it then.
    package func rotate(to key: PublishKey) throws(CryptographyError) {
        container = try Container(key.key)
        self.key = key
    }
}
