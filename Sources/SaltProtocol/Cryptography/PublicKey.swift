/// An RSA public key as peers send and store it.
///
/// Immutable, and usable from any thread at once (see `RSAKeyHandle`). Two keys are equal when their numbers are,
/// whatever text they came from.
public struct PublicKey: Sendable {
    /// PEM forms that we write.
    public enum Form: Sendable {
        /// `BEGIN PUBLIC KEY`, the one Salt uses everywhere.
        case subjectPublicKeyInfo
        /// `BEGIN RSA PUBLIC KEY`, the old form.
        case pkcs1
    }

    private let handle: RSAKeyHandle
    private let modulus: [UInt8]
    /// The key as it travels and is stored: `BEGIN PUBLIC KEY`, `\n` line ends, none at the end.
    public let pem: String

    /// - Parameter encoding: The key as `SubjectPublicKeyInfo` when it is at hand: libcrypto takes longer to encode a key
    ///   than to use it.
    init(_ handle: RSAKeyHandle, encoding: [UInt8]? = nil) throws(CryptographyError) {
        self.handle = handle
        modulus = try handle.modulus()
        let bytes = if let encoding { encoding } else { try handle.der(.publicInfo) }
        pem = PEM.Block(label: "PUBLIC KEY", bytes: bytes).text
    }

    /// Reads `BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`; white space around it and CRLF line ends are tolerated
    /// (older masters send a trailing newline).
    public init(pem text: String) throws(CryptographyError) {
        let block = try PEM.block(in: text)
        switch block.label {
        case "PUBLIC KEY":
            try self.init(RSAKeyHandle(publicDER: block.bytes, as: .publicInfo), encoding: block.bytes)
        case "RSA PUBLIC KEY": try self.init(RSAKeyHandle(publicDER: block.bytes, as: .publicPKCS1))
        default: throw .unsupportedKeyFormat(label: String(block.label.prefix(40)))
        }
    }

    /// The key as PEM text without a line end at the end.
    public func pem(_ form: Form) throws(CryptographyError) -> String {
        switch form {
        case .subjectPublicKeyInfo: pem
        case .pkcs1: PEM.Block(label: "RSA PUBLIC KEY", bytes: try handle.der(.publicPKCS1)).text
        }
    }

    /// Length of the modulus in bits.
    public var bits: Int { handle.bits }

    /// Length of every signature and cipher text of this key.
    public var byteCount: Int { handle.byteCount }

    /// Salt's fingerprint over the base64 lines: what `master_finger` holds and `salt-key -f` of 3006 prints.
    public func fingerprint(using algorithm: DigestAlgorithm = .sha256) throws(CryptographyError) -> String {
        try PEM.fingerprint(of: pem, using: algorithm)
    }

    /// Encrypts a short message for the owner of the private key.
    ///
    /// - Throws: `messageTooLong`; with 2048 bits and SHA1 the limit is 214 bytes, a key string has 76.
    public func encrypt(_ message: [UInt8], using algorithm: EncryptionAlgorithm) throws(CryptographyError) -> [UInt8] {
        let limit = byteCount - 2 * algorithm.digest.byteCount - 2
        guard message.count <= limit else { throw .messageTooLong(bytes: message.count, limit: limit) }
        guard let cipherText = try handle.oaep(.encrypt, message.span.bytes, algorithm) else {
            throw .libraryFailure(operation: "EVP_PKEY_encrypt")
        }
        return cipherText
    }

    /// Whether the owner of the private key signed exactly these bytes with this algorithm.
    public func isValid(_ signature: RawSpan, over message: RawSpan, using algorithm: SignatureAlgorithm) -> Bool {
        handle.isValid(signature, over: message, algorithm)
    }

    /// Whether the owner of the private key signed exactly these bytes with this algorithm.
    public func isValid(_ signature: [UInt8], over message: [UInt8], using algorithm: SignatureAlgorithm) -> Bool {
        isValid(signature.span.bytes, over: message.span.bytes, using: algorithm)
    }

    /// The message that the owner of the private key put into an X9.31 block, or nil when it is none of this key.
    public func recover(_ signature: RawSpan) throws(CryptographyError) -> [UInt8]? {
        guard signature.byteCount == byteCount, let number = try handle.raw(.recover, signature) else { return nil }
        // libcrypto gives the number in the full length of the modulus.
        guard number.count == modulus.count else { return nil }
        return X931.decode(X931.padded(number, modulus: modulus))
    }

    /// The message that the owner of the private key put into an X9.31 block, or nil when it is none of this key.
    public func recover(_ signature: [UInt8]) throws(CryptographyError) -> [UInt8]? {
        try recover(signature.span.bytes)
    }
}

extension PublicKey: Hashable {
    public static func == (left: PublicKey, right: PublicKey) -> Bool {
        left.handle === right.handle || left.handle.hasSamePublicPart(as: right.handle)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(modulus) }
}

extension PublicKey: CustomStringConvertible, CustomReflectable {
    /// Size and the beginning of the fingerprint.
    public var description: String {
        // Fails only where the library has no SHA-256; a description must not throw.
        let finger = (try? fingerprint())?.prefix(23) ?? "?"
        return "RSA-\(bits) \(finger)…"
    }
    public var customMirror: Mirror { Mirror(self, children: ["pem": pem]) }
}
