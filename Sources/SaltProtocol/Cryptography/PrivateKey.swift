/// An RSA private key: a controller's or a node's identity.
///
/// Immutable, and usable from any thread at once (see `RSAKeyHandle`). Its operations take 0.2 to 5 ms each: never on
/// an event loop. Neither printing nor reflecting shows anything of the private part.
public struct PrivateKey: Sendable {
    /// PEM forms that we write.
    public enum Form: Sendable {
        /// `BEGIN RSA PRIVATE KEY`, the one Salt writes.
        case pkcs1
        /// `BEGIN PRIVATE KEY`.
        case pkcs8
    }

    private let handle: RSAKeyHandle
    private let modulus: [UInt8]
    /// The public half.
    public let publicKey: PublicKey

    private init(_ handle: RSAKeyHandle) throws(CryptographyError) {
        self.handle = handle
        modulus = try handle.modulus()
        publicKey = try PublicKey(RSAKeyHandle(publicDER: handle.der(.publicInfo), as: .publicInfo))
    }

    /// Reads PKCS#1 or PKCS#8, encrypted or not.
    ///
    /// - Parameter passphrase: Salt's `key_pass`; not looked at when the key is not encrypted.
    public init(pem text: String, passphrase: String? = nil) throws(CryptographyError) {
        try self.init(RSAKeyHandle(privatePEM: text, passphrase: passphrase))
    }

    /// Makes a new pair with exponent 65537; takes about 0.1 s for 2048 bits and 0.5 s for 4096.
    public static func generate(bits: Int = 2048) throws(CryptographyError) -> PrivateKey {
        try PrivateKey(RSAKeyHandle.generate(bits: bits))
    }

    /// The private key as PEM text, not encrypted, with a line end at the end: the content of a key file (mode 0400).
    public func secretPEM(_ form: Form = .pkcs1) throws(CryptographyError) -> String {
        switch form {
        case .pkcs1: PEM.Block(label: "RSA PRIVATE KEY", bytes: try handle.der(.privatePKCS1)).text + "\n"
        case .pkcs8: PEM.Block(label: "PRIVATE KEY", bytes: try handle.pkcs8()).text + "\n"
        }
    }

    /// Length of the modulus in bits.
    public var bits: Int { handle.bits }

    /// Decrypts what was encrypted for this key; `decryptionFailed` says nothing about why.
    public func decrypt(_ cipherText: [UInt8], using algorithm: EncryptionAlgorithm) throws(CryptographyError)
        -> [UInt8]
    {
        guard cipherText.count == handle.byteCount,
            let message = try handle.oaep(.decrypt, cipherText.span.bytes, algorithm)
        else { throw .decryptionFailed }
        return message
    }

    /// A PKCS#1 v1.5 signature over the message.
    public func sign(_ message: RawSpan, using algorithm: SignatureAlgorithm) throws(CryptographyError) -> [UInt8] {
        try handle.sign(message, algorithm)
    }

    /// A PKCS#1 v1.5 signature over the message.
    public func sign(_ message: [UInt8], using algorithm: SignatureAlgorithm) throws(CryptographyError) -> [UInt8] {
        try sign(message.span.bytes, using: algorithm)
    }

    /// An X9.31 block that carries the message: Salt's `tok` and the inner `sig` of a sign-in. Deterministic.
    public func signRecoverably(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        guard let block = X931.encode(message, count: handle.byteCount) else {
            throw .messageTooLong(bytes: message.count, limit: handle.byteCount - 4)
        }
        guard let number = try handle.raw(.sign, block.span.bytes), number.count == modulus.count else {
            throw .libraryFailure(operation: "EVP_PKEY_sign")
        }
        return X931.smaller(number, modulus: modulus)
    }
}

extension PrivateKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "private key of \(publicKey)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}
