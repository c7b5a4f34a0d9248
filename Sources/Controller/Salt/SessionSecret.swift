package import MusterCore
package import SaltProtocol

/// Makes the session key of every node from one secret on disk, so that sessions outlive a restart without a file each.
///
/// A node's key is a keyed digest over its id, its public key and an epoch: it changes when the node's key or the epoch
/// does. Epochs begin at another moment for each node, so that a fleet does not sign in again all at once. The secret is as
/// precious as the files of session keys that Salt's master keeps (mode 0600).
package struct SessionSecret: Sendable {
    private static let byteCount = 64

    private let secret: [UInt8]
    private let epochSeconds: Int64

    /// Whether there was a secret and another one has taken its place: every node signs in again.
    package let wasRenewed: Bool

    /// Reads the secret, or makes it.
    ///
    /// - Parameters:
    ///   - epochLength: Salt's `publish_session`: how long a session key is used; zero or less: for ever.
    ///   - renews: makes a new one in any case.
    /// - Throws: `SessionSecretError`, or `FileError`.
    package init(file path: String, epochLength: Duration, renews: Bool = false) throws {
        epochSeconds = epochLength > .zero ? max(1, epochLength.components.seconds) : Int64.max
        let known = Files.status(path)
        wasRenewed = renews && known != nil
        guard let status = known, !renews else {
            secret = try SecureRandom.bytes(SessionSecret.byteCount)
            try Files.write(secret, to: path, mode: 0o600)
            return
        }
        guard status.mode & 0o077 == 0 else { throw SessionSecretError.exposed(path) }
        guard status.bytes == SessionSecret.byteCount else { throw SessionSecretError.damaged(path) }
        secret = try Files.read(path, limitBytes: SessionSecret.byteCount)
        guard secret.count == SessionSecret.byteCount else { throw SessionSecretError.damaged(path) }
    }

    /// The number of the node's epoch in which a moment lies.
    package func epoch(of node: NodeID, at now: Timestamp) -> Int64 {
        guard epochSeconds < Int64.max else { return 0 }
        return (now.seconds + SessionSecret.offset(of: node) % epochSeconds) / epochSeconds
    }

    /// FNV-1a, since Swift's own hash is another one in each process.
    private static func offset(of node: NodeID) -> Int64 {
        let hash = node.text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return Int64(hash >> 24)
    }

    /// The session key of a node in an epoch.
    package func key(of node: NodeID, publicKey: KeptPublicKey, epoch: Int64) throws -> KeyString {
        let inner = try DigestAlgorithm.sha256.hash(secret + Array("\(epoch)\0\(node.text)\0\(publicKey.pem)".utf8))
        var material: [UInt8] = []
        for block in [UInt8(1), 2] { material += try DigestAlgorithm.sha256.hash(secret + [block] + inner) }
        return try KeyString(Base64.encode(material.prefix(56)))
    }
}

/// Why the session secret cannot be used.
package enum SessionSecretError: Error, Hashable, Sendable, CustomStringConvertible {
    case damaged(String)
    case exposed(String)

    package var description: String {
        switch self {
        case .damaged(let path): "'\(path)' is damaged: remove it, and every node signs in again by itself"
        case .exposed(let path):
            "'\(path)' can be read by others than its owner: remove it, and every node signs in again by itself"
        }
    }
}
