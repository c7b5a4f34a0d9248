/// What can go wrong with a key, a secret or an operation of libcrypto.
///
/// Never carries key material, plaintext or a passphrase: every case may be logged as it is.
public enum CryptographyError: Error, Equatable, Sendable {
    /// The text has no complete `-----BEGIN X-----` … `-----END X-----` block.
    case notPEM
    /// The PEM block is none of the kinds of RSA key we read.
    case unsupportedKeyFormat(label: String)
    /// The PEM block is of a known kind, but its content is not a key.
    case malformedKey
    /// A key of another kind than RSA.
    case notRSA
    /// An RSA modulus outside ``RSALimits``.
    case keySizeOutOfRange(bits: Int)
    /// A public exponent that is even, below 3 or longer than 64 bits.
    case unacceptableExponent
    /// The private key is encrypted and no passphrase was given.
    case passphraseRequired
    /// The private key is encrypted and the passphrase does not open it.
    case wrongPassphrase
    /// A text that is not a 76-character key string.
    case malformedKeyString
    /// The message does not fit what this key and padding can carry, or what libcrypto can process at once.
    case messageTooLong(bytes: Int, limit: Int)
    /// RSA decryption failed: another key, another algorithm or damaged bytes; they cannot be told apart.
    case decryptionFailed
    /// The library refuses the algorithm, for example MD5 or SHA-1 in FIPS mode.
    case algorithmUnavailable(String)
    /// The random generator gives nothing.
    case randomUnavailable
    /// An operation of libcrypto failed for a reason that no caller can cause: out of memory, broken provider.
    case libraryFailure(operation: String)
}

extension CryptographyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notPEM:
            "not a PEM file: no complete -----BEGIN …----- and -----END …----- pair"
        case .unsupportedKeyFormat(let label):
            "a PEM block '\(label)' is not an RSA key: convert it with 'openssl rsa' or generate a new pair"
        case .malformedKey:
            "the PEM block does not hold a key: the file is damaged, restore it or generate a new pair"
        case .notRSA:
            "the key is not an RSA key: Salt's wire knows only RSA, generate an RSA pair (openssl genrsa 2048)"
        case .keySizeOutOfRange(let bits):
            "an RSA key of \(bits) bits is outside \(RSALimits.bits.lowerBound)…\(RSALimits.bits.upperBound): generate one of 2048 or more"
        case .unacceptableExponent:
            "the RSA key has an unusable public exponent: generate a key with exponent 65537"
        case .passphraseRequired:
            "the private key is encrypted: decrypt it with 'openssl rsa -in FILE -out NEW', and put NEW in its place, mode 400"
        case .wrongPassphrase:
            "the passphrase does not open the private key"
        case .malformedKeyString:
            "not a key string of 76 base64 characters: remove the file so that a new one is made"
        case .messageTooLong(let bytes, let limit):
            "\(bytes) bytes are too many for this operation, which takes at most \(limit)"
        case .decryptionFailed:
            "RSA decryption failed: it was encrypted for another key or with another algorithm, or damaged"
        case .algorithmUnavailable(let name):
            "the crypto library refuses \(name): in FIPS mode use the SHA224 algorithms and hash_type sha256"
        case .randomUnavailable:
            "the system gives no random numbers: check that /dev/urandom exists in this environment"
        case .libraryFailure(let operation):
            "the crypto library failed in \(operation): check its installation and the memory limit"
        }
    }
}
