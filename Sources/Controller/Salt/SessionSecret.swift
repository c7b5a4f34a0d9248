package import MusterCore
package import SaltProtocol

/// Makes the session key of every node from one secret on disk, so that sessions outlive a restart without a file each.
///
/// A node's key is a keyed digest over its id, its public key and an epoch: it changes when the node's key or the epoch
/// does. The secret is as precious as the files of session keys that Salt's master keeps (mode 0600).
package struct SessionSecret: Sendable {
    private let secret: [UInt8]
    private let epochLength: Duration

    /// Reads the secret, or makes it.
    ///
    /// - Parameter epochLength: Salt's `publish_session`: how long a session key is used.
    package init(file path: String, epochLength: Duration) throws {
        self.epochLength = epochLength
        if Files.status(path) != nil {
            secret = try Files.read(path, limitBytes: 64)
        } else {
            secret = try SecureRandom.bytes(64)
            try Files.write(secret, to: path, mode: 0o600)
        }
        guard secret.count == 64 else { throw SessionSecretError(path: path) }
    }

    /// The number of the epoch a moment lies in.
    package func epoch(at now: Timestamp) -> Int64 { now.seconds / max(1, epochLength.components.seconds) }

    /// The session key of a node in an epoch.
    package func key(of node: NodeID, publicKey: PublicKey, epoch: Int64) throws -> KeyString {
        let inner = try DigestAlgorithm.sha256.hash(secret + Array("\(epoch)\0\(node.text)\0\(publicKey.pem)".utf8))
        var material: [UInt8] = []
        for block in [UInt8(1), 2] { material += try DigestAlgorithm.sha256.hash(secret + [block] + inner) }
        return try KeyString(Base64.encode(material.prefix(56)))
    }
}

/// A session secret of the wrong size.
package struct SessionSecretError: Error, CustomStringConvertible {
    package let path: String
    package var description: String {
        "'\(path)' is damaged: remove it, and every node signs in again by itself"
    }
}
