import MessagePack
package import MusterCore

/// Everything about the node that the reply to an accepted sign-in needs.
package struct SignInGrant: Sendable, Equatable {
    package let id: NodeID
    package let key: PublicKey
    let nonce: Nonce
    let token: [UInt8]?
    let encryption: EncryptionAlgorithm
    let signature: SignatureAlgorithm
}

/// An answer that lets nobody in.
package enum SignInRefusal: Sendable, Equatable {
    /// The value of `ret`.
    package enum Reason: Sendable, Equatable {
        /// `true`: the key waits.
        case pending
        /// `false`: the key is not wanted.
        case rejected
        /// `full`.
        case full
    }

    /// Signed by the controller, so that a node that knows its key cannot be turned away by somebody else.
    case signed(Reason, Nonce, SignatureAlgorithm)
    /// `bad enc algo`, unsigned.
    case unknownEncryptionAlgorithm
    /// `bad sig algo`, unsigned, since there is no name to sign under.
    case unknownSignatureAlgorithm
}

/// A publish key with the controller's word for it: the X9.31 value `sig` of a grant.
///
/// The same for every node, so made once for each publish key.
package struct VouchedPublishKey: Sendable {
    package let key: KeyString
    let voucher: [UInt8]

    /// Costs one private operation.
    package init(_ key: KeyString, by controller: PrivateKey) throws(CryptographyError) {
        self.key = key
        voucher = try controller.signRecoverably(VouchedPublishKey.digest(of: key.ascii))
    }

    /// What the value stands for: the hex SHA-256 of the key string.
    static func digest(of clear: [UInt8]) throws(CryptographyError) -> [UInt8] {
        Hex.ascii(try DigestAlgorithm.sha256.hash(clear))
    }
}

extension SignInServer {
    /// The reply to a refused request; a signed one costs a private operation (not for an event loop).
    package func encode(_ refusal: SignInRefusal) throws(CryptographyError) -> [UInt8] {
        switch refusal {
        case .unknownEncryptionAlgorithm: return SignInServer.unsigned("bad enc algo")
        case .unknownSignatureAlgorithm: return SignInServer.unsigned("bad sig algo")
        case .signed(let reason, let nonce, let algorithm):
            var writer = MessagePackWriter(.raw)
            writer.writeMap(count: 2)
            writer.write("ret")
            switch reason {
            case .pending: writer.write(true)
            case .rejected: writer.write(false)
            case .full: writer.write("full")
            }
            writer.write("nonce")
            writer.writeString(nonce.ascii)
            return try signed(writer.finish(), algorithm)
        }
    }

    /// The reply to an accepted request: two private operations (three if the key is signed anew) and up to three
    /// public ones (not for an event loop).
    ///
    /// A token that cannot be decrypted is left out: it happens when the node remembers another controller's key, and
    /// the node then refuses the reply by itself.
    ///
    /// - Throws: `messageTooLong` for a node whose key is too small for the keys under its algorithm (1024 bits with SHA224).
    package func encode(
        _ grant: SignInGrant, publishKey: VouchedPublishKey, sessionKey: KeyString
    ) throws(CryptographyError) -> [UInt8] {
        let keySignature = try signatureOfKey(grant.signature)
        let token = try returnedToken(grant)
        var writer = MessagePackWriter(.raw, capacity: 2048)
        writer.writeMap(count: 7 + (keySignature == nil ? 0 : 1) + (token == nil ? 0 : 1))
        writer.write("enc")
        writer.write("pub")
        writer.write("pub_key")
        writer.write(identity.key.publicKey.pem)
        writer.write("publish_port")
        writer.write(Int(identity.publishPort))
        if let keySignature {
            writer.write("pub_sig")
            writer.write(keySignature)
        }
        if let token {
            writer.write("token")
            writer.writeBinary(token)
        }
        writer.write("aes")
        writer.writeBinary(try grant.key.encrypt(publishKey.key.ascii, using: grant.encryption))
        writer.write("session")
        writer.writeBinary(try grant.key.encrypt(sessionKey.ascii, using: grant.encryption))
        writer.write("sig")
        writer.writeBinary(publishKey.voucher)
        writer.write("nonce")
        writer.writeString(grant.nonce.ascii)
        return try signed(writer.finish(), grant.signature)
    }

    private func returnedToken(_ grant: SignInGrant) throws(CryptographyError) -> [UInt8]? {
        // Not decryptable means: meant for another controller.
        guard let token = grant.token, let clear = try? identity.key.decrypt(token, using: grant.encryption) else {
            return nil
        }
        // A clear token too long for the node's key is a node's own fault; it gets none back.
        return try? grant.key.encrypt(clear, using: grant.encryption)
    }

    private func signatureOfKey(_ algorithm: SignatureAlgorithm) throws(CryptographyError) -> String? {
        switch identity.keySignature {
        case nil: nil
        case .stored(let text): text
        case .made(let signer):
            Base64.encode(try signer.sign(Array(identity.key.publicKey.pem.utf8), using: algorithm)) + "\n"
        }
    }

    private func signed(_ load: [UInt8], _ algorithm: SignatureAlgorithm) throws(CryptographyError) -> [UInt8] {
        var writer = MessagePackWriter(.raw, capacity: load.count + 1100)
        writer.writeMap(count: 3)
        writer.write("enc")
        writer.write("clear")
        writer.write("load")
        writer.writeBinary(load)
        writer.write("sig")
        writer.writeBinary(try identity.key.sign(load, using: algorithm))
        return writer.finish()
    }

    private static func unsigned(_ text: String) -> [UInt8] {
        var writer = MessagePackWriter(.raw)
        writer.writeMap(count: 2)
        writer.write("enc")
        writer.write("clear")
        writer.write("load")
        writer.writeMap(count: 1)
        writer.write("ret")
        writer.write(text)
        return writer.finish()
    }
}
