import COpenSSL

/// The two keys of a ``KeyString`` as a ``Container`` uses them: the MAC's is worked in already.
///
/// Plain bytes without a pointer, so that thousands of them lie in few cache lines each. `erase` them when they are not
/// needed any more; what the compiler has copied to the stack on the way is beyond us.
struct ContainerKey {
    static let macCount = Int(SHA256_DIGEST_LENGTH)

    private var mac = muster_hmac_sha256_key()
    private var cipher = (UInt64(0), UInt64(0), UInt64(0))

    init(_ key: KeyString) throws(CryptographyError) {
        let prepared = key.macKey.withUnsafeBufferPointer {
            muster_hmac_sha256_prepare(&mac, $0.baseAddress, $0.count)
        }
        guard prepared == 1 else { throw .algorithmUnavailable("HMAC-SHA256") }
        withUnsafeMutableBytes(of: &cipher) { $0.copyBytes(from: key.cipherKey) }
    }

    mutating func erase() {
        withUnsafeMutableBytes(of: &self) { OPENSSL_cleanse($0.baseAddress, $0.count) }
    }

    /// Writes the MAC of the bytes.
    func authenticate(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
        withUnsafePointer(to: mac) {
            let start = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return muster_hmac_sha256($0, bytes.baseAddress, bytes.count, start) == 1
        }
    }

    /// The 24 bytes of the AES key.
    func withCipherKey<Result>(_ body: (UnsafePointer<UInt8>?) -> Result) -> Result {
        withUnsafeBytes(of: cipher) { body($0.baseAddress?.assumingMemoryBound(to: UInt8.self)) }
    }
}
