import COpenSSL

/// The encryption of the aes provider: AES-256-CBC under a key that is derived from 32 random bytes, the secret, which
/// travel encrypted with RSA.
///
/// Key and initialisation vector come from `EVP_BytesToKey` with MD5, no salt and 2048 rounds: 48 bytes, of which the
/// first 32 are the key. There is no authentication.
///
/// Source: MCollective 2.12, `lib/mcollective/ssl.rb`, `aes_encrypt` and `aes_decrypt`.
struct BodyCipher {
    /// The length of a secret.
    static let secretCount = 32

    private let key: [UInt8]
    private let vector: [UInt8]

    /// Nil where the library forbids MD5.
    init?(secret: [UInt8]) {
        var key = [UInt8](repeating: 0, count: 32)
        var vector = [UInt8](repeating: 0, count: 16)
        let count = EVP_BytesToKey(
            EVP_aes_256_cbc(), EVP_md5(), nil, secret, Int32(secret.count), 2048, &key, &vector)
        guard count == 32 else {
            ERR_clear_error()
            return nil
        }
        (self.key, self.vector) = (key, vector)
    }

    /// The cipher text; nil only when the library fails.
    func encrypt(_ text: [UInt8]) -> [UInt8]? { run(text, isEncrypting: true) }

    /// The text; nil when key or cipher text are not what they should be.
    func decrypt(_ cipherText: [UInt8]) -> [UInt8]? { run(cipherText, isEncrypting: false) }

    private func run(_ input: [UInt8], isEncrypting: Bool) -> [UInt8]? {
        guard let context = EVP_CIPHER_CTX_new(), let length = Int32(exactly: input.count) else { return nil }
        defer {
            EVP_CIPHER_CTX_free(context)
            ERR_clear_error()
        }
        var output = [UInt8](repeating: 0, count: input.count + 16)
        var count: Int32 = 0
        var rest: Int32 = 0
        guard EVP_CipherInit_ex(context, EVP_aes_256_cbc(), nil, key, vector, isEncrypting ? 1 : 0) == 1,
            EVP_CipherUpdate(context, &output, &count, input, length) == 1
        else { return nil }
        let done = output.withUnsafeMutableBufferPointer { buffer in
            EVP_CipherFinal_ex(context, buffer.baseAddress.map { $0 + Int(count) }, &rest)
        }
        guard done == 1 else { return nil }
        return Array(output.prefix(Int(count + rest)))
    }
}
