import COpenSSL

/// The owner of one `EVP_PKEY` that is an RSA key.
///
/// `@unchecked Sendable`, because: the only stored property is a constant pointer; nothing changes the key after `init`;
/// libcrypto lets several threads use an `EVP_PKEY` as long as none modifies it (openssl-threads(7)); every operation
/// makes its own context; and `deinit` runs once, after the last reference.
final class RSAKey: @unchecked Sendable {
    /// The operations with the padding of PKCS#1 v1.5 that the peers use.
    enum Operation {
        /// Block type 2: for the owner of the private key.
        case encrypt, decrypt
        /// Block type 1: by the owner of the private key, for everybody; what Ruby calls private encryption.
        case privateEncrypt, publicDecrypt
    }

    private let key: OpaquePointer

    /// Takes over the key and frees it also when it throws.
    private init(owning key: OpaquePointer) throws(SecurityKeyError) {
        self.key = key
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else { throw .notRSA }
        guard (1024...16_384).contains(EVP_PKEY_get_bits(key)) else {
            throw .sizeOutOfRange(bits: Int(EVP_PKEY_get_bits(key)))
        }
    }

    deinit { EVP_PKEY_free(key) }

    /// Length of every signature and cipher text.
    var byteCount: Int { Int(EVP_PKEY_get_size(key)) }

    /// A private key that is not encrypted; nothing is ever asked on the terminal.
    convenience init(privatePEM text: String) throws(SecurityKeyError) {
        guard !text.contains("ENCRYPTED") else { throw .encrypted }
        let key = RSAKey.read(text) { source in
            // Without a callback libcrypto takes the last argument as the passphrase; without one it would prompt.
            "".withCString { PEM_read_bio_PrivateKey(source, nil, nil, UnsafeMutableRawPointer(mutating: $0)) }
        }
        guard let key else { throw .notPrivateKey }
        try self.init(owning: key)
    }

    /// A public key, or the public key of a certificate.
    convenience init(publicPEM text: String) throws(SecurityKeyError) {
        let key = RSAKey.read(text) { source in
            guard text.contains("BEGIN CERTIFICATE") else { return PEM_read_bio_PUBKEY(source, nil, nil, nil) }
            guard let certificate = PEM_read_bio_X509(source, nil, nil, nil) else { return nil }
            defer { X509_free(certificate) }
            return X509_get_pubkey(certificate)
        }
        guard let key else { throw .notPublicKey }
        try self.init(owning: key)
    }

    private static func read(_ text: String, _ body: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        let bytes = Array(text.utf8.prefix(65_536))
        guard let source = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return nil }
        defer { BIO_free(source) }
        // The source reads where the bytes lie, so they must stay there.
        let key = bytes.withUnsafeBufferPointer { _ in body(source) }
        if key == nil { ERR_clear_error() }
        return key
    }

    /// Performs an operation; nil when libcrypto refuses the input, for whatever reason.
    func perform(_ operation: Operation, _ input: [UInt8]) -> [UInt8]? {
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { return nil }
        defer {
            EVP_PKEY_CTX_free(context)
            ERR_clear_error()
        }
        guard RSAKey.start(operation, context) == 1,
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
        else { return nil }
        var output = [UInt8](repeating: 0, count: byteCount)
        var count = output.count
        let done =
            switch operation {
            case .encrypt: EVP_PKEY_encrypt(context, &output, &count, input, input.count)
            case .decrypt: EVP_PKEY_decrypt(context, &output, &count, input, input.count)
            case .privateEncrypt: EVP_PKEY_sign(context, &output, &count, input, input.count)
            case .publicDecrypt: EVP_PKEY_verify_recover(context, &output, &count, input, input.count)
            }
        return done == 1 ? Array(output.prefix(count)) : nil
    }

    private static func start(_ operation: Operation, _ context: OpaquePointer) -> Int32 {
        switch operation {
        case .encrypt: EVP_PKEY_encrypt_init(context)
        case .decrypt: EVP_PKEY_decrypt_init(context)
        case .privateEncrypt: EVP_PKEY_sign_init(context)
        case .publicDecrypt: EVP_PKEY_verify_recover_init(context)
        }
    }

    /// A signature over the SHA-1 of the message, which is what the peers verify.
    func sign(_ message: [UInt8]) -> [UInt8]? {
        guard let context = EVP_MD_CTX_new() else { return nil }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        var signature = [UInt8](repeating: 0, count: byteCount)
        var count = signature.count
        guard EVP_DigestSignInit(context, nil, EVP_sha1(), nil, key) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        else { return nil }
        return signature
    }

    /// Whether the owner of the private key signed the SHA-1 of the message.
    func isValid(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        guard signature.count == byteCount, let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        return EVP_DigestVerifyInit(context, nil, EVP_sha1(), nil, key) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
