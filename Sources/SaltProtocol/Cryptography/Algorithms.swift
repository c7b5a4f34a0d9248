import COpenSSL

/// RSA encryption by the name that travels in `enc_algo`.
///
/// The mask function uses the same hash, the label is empty. A name outside these two is answered `bad enc algo`.
public enum EncryptionAlgorithm: String, Sendable, Hashable, CaseIterable {
    case oaepSHA1 = "OAEP-SHA1"
    case oaepSHA224 = "OAEP-SHA224"

    /// What a peer gets that names none.
    public static let saltDefault = EncryptionAlgorithm.oaepSHA1

    var digest: DigestAlgorithm {
        switch self {
        case .oaepSHA1: .sha1
        case .oaepSHA224: .sha224
        }
    }
}

/// RSA signature by the name that travels in `sig_algo`.
///
/// Ordered by strength: a publish under a weaker one than configured is refused. A name outside these two is
/// answered `bad sig algo`.
public enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable, Comparable {
    case pkcs1v15SHA1 = "PKCS1v15-SHA1"
    case pkcs1v15SHA224 = "PKCS1v15-SHA224"

    /// What a peer gets that names none.
    public static let saltDefault = SignatureAlgorithm.pkcs1v15SHA1

    var digest: DigestAlgorithm {
        switch self {
        case .pkcs1v15SHA1: .sha1
        case .pkcs1v15SHA224: .sha224
        }
    }

    public static func < (left: SignatureAlgorithm, right: SignatureAlgorithm) -> Bool {
        left.digest.byteCount < right.digest.byteCount
    }
}

/// What an RSA key must be to be used here.
public enum RSALimits {
    /// Modulus sizes: below, a key protects nothing; above, one operation stalls a thread for tens of milliseconds.
    public static let bits = 1024...8192
    /// Longest public exponent; a longer one is only a way to make every check slow.
    static let exponentBits = 64
}
