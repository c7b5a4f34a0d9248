import COpenSSL
import MusterCore

/// What is kept of a password: a salt, and what PBKDF2 makes of both. Some fifty milliseconds of work each, which is what
/// makes guessing dear; so it is never done on an event loop.
///
/// Spec: RFC 8018, PBKDF2 with HMAC-SHA-256.
package struct PasswordHash: Sendable, Hashable {
    /// How often it is hashed when it is made.
    package static let defaultIterations = 50_000
    private static let saltBytes = 16
    private static let hashBytes = 32

    let iterations: Int
    let salt: [UInt8]
    let bytes: [UInt8]

    init(iterations: Int, salt: [UInt8], bytes: [UInt8]) {
        self.iterations = iterations
        self.salt = salt
        self.bytes = bytes
    }

    /// Hashes a password with a new salt.
    init(of password: [UInt8], iterations: Int = defaultIterations) {
        let salt = Secrets.random(PasswordHash.saltBytes)
        self.init(
            iterations: iterations, salt: salt,
            bytes: PasswordHash.derive(password, salt: salt, iterations: iterations))
    }

    /// Whether this is the password.
    func matches(_ password: [UInt8]) -> Bool {
        Secrets.areEqual(PasswordHash.derive(password, salt: salt, iterations: iterations), bytes)
    }

    private static func derive(_ password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
        var derived = [UInt8](repeating: 0, count: hashBytes)
        let isDone = password.withUnsafeBytes { password in
            PKCS5_PBKDF2_HMAC(
                password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count), salt,
                Int32(salt.count), Int32(iterations), EVP_sha256(), Int32(hashBytes), &derived)
        }
        // It only fails without memory, and nothing may match zeros then.
        precondition(isDone == 1, "libcrypto cannot derive a key")
        return derived
    }
}

extension PasswordHash: Codable {
    private enum CodingKeys: String, CodingKey { case algorithm, iterations, salt, hash }
    private static let algorithm = "pbkdf2-sha256"

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func wrong(_ key: CodingKeys, _ reason: String) -> DecodingError {
            DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: reason)
        }
        guard try container.decode(String.self, forKey: .algorithm) == PasswordHash.algorithm else {
            throw wrong(.algorithm, "it is not \(PasswordHash.algorithm)")
        }
        iterations = try container.decode(Int.self, forKey: .iterations)
        guard (1...10_000_000).contains(iterations) else { throw wrong(.iterations, "it is out of range") }
        guard let salt = Base64.decode(try container.decode(String.self, forKey: .salt).utf8), salt.count >= 8 else {
            throw wrong(.salt, "it is no base64 of 8 bytes or more")
        }
        guard let bytes = Base64.decode(try container.decode(String.self, forKey: .hash).utf8),
            bytes.count == PasswordHash.hashBytes
        else { throw wrong(.hash, "it is no base64 of \(PasswordHash.hashBytes) bytes") }
        (self.salt, self.bytes) = (salt, bytes)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(PasswordHash.algorithm, forKey: .algorithm)
        try container.encode(iterations, forKey: .iterations)
        try container.encode(Base64.encode(salt), forKey: .salt)
        try container.encode(Base64.encode(bytes), forKey: .hash)
    }
}
