import COpenSSL

/// What passwords need of libcrypto.
enum Secrets {
    /// Bytes that nobody guesses.
    static func random(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        precondition(RAND_bytes(&bytes, Int32(count)) == 1, "libcrypto has no random bytes")
        return bytes
    }

    /// Compares in a time that does not depend on where they differ.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }

    /// HMAC-SHA-256: a microsecond, for telling passwords from one another in memory.
    ///
    /// - Parameter key: At most 64 bytes.
    static func mark(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        var state = muster_hmac_sha256_key()
        var mac = [UInt8](repeating: 0, count: 32)
        let isDone =
            muster_hmac_sha256_prepare(&state, key, key.count) == 1
            && muster_hmac_sha256(&state, bytes, bytes.count, &mac) == 1
        precondition(isDone, "libcrypto cannot hash")
        return mac
    }
}
