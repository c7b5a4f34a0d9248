import COpenSSL

/// The owner of one `EVP_PKEY`, checked to be an RSA key within ``RSALimits``; private or public part.
///
/// `@unchecked Sendable`, because: the only stored property is a constant pointer; the key behind it is complete when
/// `init` returns and no call in this target changes it afterwards; libcrypto documents that an `EVP_PKEY` may be used
/// by several threads at once as long as none modifies it (openssl-threads(7)), its own caches and the RSA blinding
/// being behind locks; every operation makes its own `EVP_PKEY_CTX`, which is never shared; and `deinit` runs once,
/// after the last reference.
final class RSAKeyHandle: @unchecked Sendable {
    private let key: OpaquePointer

    /// Takes over the key and frees it also when it throws.
    init(owning key: OpaquePointer) throws(CryptographyError) {
        self.key = key
        guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else { throw .notRSA }
        guard RSALimits.bits.contains(bits) else { throw .keySizeOutOfRange(bits: bits) }
        let exponent = try number(OSSL_PKEY_PARAM_RSA_E)
        let length = exponent.count * 8 - (exponent.first?.leadingZeroBitCount ?? 0)
        guard length > 1, length <= RSALimits.exponentBits, exponent.last.map({ $0 & 1 == 1 }) == true else {
            throw .unacceptableExponent
        }
        guard try number(OSSL_PKEY_PARAM_RSA_N).last.map({ $0 & 1 == 1 }) == true else { throw .malformedKey }
    }

    deinit { EVP_PKEY_free(key) }

    /// Length of the modulus in bits.
    var bits: Int { Int(EVP_PKEY_get_bits(key)) }

    /// Length of the modulus, and so of every signature and cipher text, in bytes.
    var byteCount: Int { Int(EVP_PKEY_get_size(key)) }

    /// The modulus, big-endian, without leading zeros.
    func modulus() throws(CryptographyError) -> [UInt8] { try number(OSSL_PKEY_PARAM_RSA_N) }

    /// True when both have the same public numbers.
    func hasSamePublicPart(as other: RSAKeyHandle) -> Bool { EVP_PKEY_eq(key, other.key) == 1 }

    private func number(_ name: String) throws(CryptographyError) -> [UInt8] {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &number) == 1, let number else {
            ERR_clear_error()
            throw .malformedKey
        }
        defer { BN_clear_free(number) }
        var bytes = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
        BN_bn2bin(number, &bytes)
        return bytes
    }
}

// MARK: - DER

extension RSAKeyHandle {
    /// The encodings of the two halves of a key.
    enum Encoding {
        case publicInfo, publicPKCS1, privatePKCS1
    }

    /// Reads the public half from a DER structure that must fill the bytes.
    convenience init(publicDER bytes: [UInt8], as encoding: Encoding) throws(CryptographyError) {
        let key: OpaquePointer? = bytes.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            let key =
                encoding == .publicInfo
                ? d2i_PUBKEY(nil, &cursor, buffer.count) : d2i_PublicKey(EVP_PKEY_RSA, nil, &cursor, buffer.count)
            guard let key else { return nil }
            guard cursor == buffer.baseAddress.map({ $0 + buffer.count }) else {
                EVP_PKEY_free(key)
                return nil
            }
            return key
        }
        guard let key else {
            ERR_clear_error()
            throw .malformedKey
        }
        try self.init(owning: key)
    }

    /// Reads a private key of any PEM form that libcrypto knows; never asks on the terminal.
    convenience init(privatePEM text: String, passphrase: String?) throws(CryptographyError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= PEM.maximumCount else { throw .notPEM }
        guard let source = BIO_new_mem_buf(bytes, Int32(bytes.count)) else {
            throw .libraryFailure(operation: "BIO_new_mem_buf")
        }
        // Without a callback libcrypto takes the last argument as the passphrase; it must not be nil, or it would prompt.
        let key: OpaquePointer? = bytes.withUnsafeBufferPointer { _ in
            (passphrase ?? "").withCString { secret in
                PEM_read_bio_PrivateKey(source, nil, nil, UnsafeMutableRawPointer(mutating: secret))
            }
        }
        BIO_free(source)
        guard let key else {
            ERR_clear_error()
            throw RSAKeyHandle.reasonForRefusal(of: text, passphrase: passphrase)
        }
        try self.init(owning: key)
    }

    private static func reasonForRefusal(of text: String, passphrase: String?) -> CryptographyError {
        let lines = PEM.normalised(text).split(separator: "\n")
        guard let begin = lines.first(where: { $0.hasPrefix("-----BEGIN ") }),
            lines.contains(where: { $0.hasPrefix("-----END ") })
        else { return .notPEM }
        let isEncrypted =
            begin.hasPrefix("-----BEGIN ENCRYPTED") || lines.contains { $0.hasPrefix("Proc-Type: 4,ENCRYPTED") }
        if isEncrypted { return passphrase == nil ? .passphraseRequired : .wrongPassphrase }
        let label = begin.dropFirst("-----BEGIN ".count).prefix(40).prefix { $0 != "-" }
        return label.hasSuffix("PRIVATE KEY") ? .malformedKey : .unsupportedKeyFormat(label: String(label))
    }

    /// The key in one of its encodings; a private one only of a handle that has the private half.
    func der(_ encoding: Encoding) throws(CryptographyError) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count: Int32 =
            switch encoding {
            case .publicInfo: i2d_PUBKEY(key, &start)
            case .publicPKCS1: i2d_PublicKey(key, &start)
            case .privatePKCS1: i2d_PrivateKey(key, &start)
            }
        guard count > 0, let start else {
            ERR_clear_error()
            throw .libraryFailure(operation: "i2d")
        }
        defer { muster_clear_free(start, Int(count)) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// PKCS#8 of the private half, not encrypted.
    func pkcs8() throws(CryptographyError) -> [UInt8] {
        guard let info = EVP_PKEY2PKCS8(key) else {
            ERR_clear_error()
            throw .libraryFailure(operation: "EVP_PKEY2PKCS8")
        }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_PKCS8_PRIV_KEY_INFO(info, &start)
        guard count > 0, let start else {
            ERR_clear_error()
            throw .libraryFailure(operation: "i2d_PKCS8_PRIV_KEY_INFO")
        }
        defer { muster_clear_free(start, Int(count)) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// A new key pair with exponent 65537; takes about 0.1 s for 2048 bits and 0.5 s for 4096.
    static func generate(bits: Int) throws(CryptographyError) -> RSAKeyHandle {
        guard RSALimits.bits.contains(bits) else { throw .keySizeOutOfRange(bits: bits) }
        let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard let context, EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1, EVP_PKEY_generate(context, &key) == 1, let key
        else {
            ERR_clear_error()
            throw .libraryFailure(operation: "EVP_PKEY_generate")
        }
        return try RSAKeyHandle(owning: key)
    }
}

// MARK: - Operations

extension RSAKeyHandle {
    /// The four uses of one key with one padding; all have the same shape.
    enum Operation: String {
        case encrypt, decrypt, sign, recover
    }

    /// OAEP in either direction; nil when libcrypto refuses the input.
    func oaep(_ operation: Operation, _ input: RawSpan, _ algorithm: EncryptionAlgorithm) throws(CryptographyError)
        -> [UInt8]?
    {
        try perform(operation, input) { context in
            EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_oaep_md(context, algorithm.digest.implementation) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md(context, algorithm.digest.implementation) == 1
        }
    }

    /// The bare RSA function on a number of exactly the modulus' length; nil when it is not below the modulus.
    func raw(_ operation: Operation, _ input: RawSpan) throws(CryptographyError) -> [UInt8]? {
        try perform(operation, input) { EVP_PKEY_CTX_set_rsa_padding($0, RSA_NO_PADDING) == 1 }
    }

    private func perform(_ operation: Operation, _ input: RawSpan, _ configure: (OpaquePointer) -> Bool)
        throws(CryptographyError) -> [UInt8]?
    {
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else {
            ERR_clear_error()
            throw .libraryFailure(operation: "EVP_PKEY_CTX_new_from_pkey")
        }
        defer { EVP_PKEY_CTX_free(context) }
        guard start(operation, context) == 1, configure(context) else {
            ERR_clear_error()
            throw .algorithmUnavailable("RSA \(operation.rawValue)")
        }
        var output = [UInt8](repeating: 0, count: byteCount)
        var count = output.count
        let done = input.withUnsafeBytes { run(operation, context, &output, &count, $0) }
        guard done == 1 else {
            ERR_clear_error()
            return nil
        }
        output.removeLast(output.count - count)
        return output
    }

    private func start(_ operation: Operation, _ context: OpaquePointer) -> Int32 {
        switch operation {
        case .encrypt: EVP_PKEY_encrypt_init(context)
        case .decrypt: EVP_PKEY_decrypt_init(context)
        case .sign: EVP_PKEY_sign_init(context)
        case .recover: EVP_PKEY_verify_recover_init(context)
        }
    }

    private func run(
        _ operation: Operation, _ context: OpaquePointer, _ output: UnsafeMutablePointer<UInt8>, _ count: inout Int,
        _ input: UnsafeRawBufferPointer
    ) -> Int32 {
        let bytes = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return switch operation {
        case .encrypt: EVP_PKEY_encrypt(context, output, &count, bytes, input.count)
        case .decrypt: EVP_PKEY_decrypt(context, output, &count, bytes, input.count)
        case .sign: EVP_PKEY_sign(context, output, &count, bytes, input.count)
        case .recover: EVP_PKEY_verify_recover(context, output, &count, bytes, input.count)
        }
    }

    /// A PKCS#1 v1.5 signature over the message.
    func sign(_ message: RawSpan, _ algorithm: SignatureAlgorithm) throws(CryptographyError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw .libraryFailure(operation: "EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestSignInit(context, nil, algorithm.digest.implementation, nil, key) == 1 else {
            ERR_clear_error()
            throw .algorithmUnavailable(algorithm.rawValue)
        }
        var signature = [UInt8](repeating: 0, count: byteCount)
        var count = signature.count
        let done = message.withUnsafeBytes {
            EVP_DigestSign(context, &signature, &count, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count)
        }
        guard done == 1 else {
            ERR_clear_error()
            throw .libraryFailure(operation: "EVP_DigestSign")
        }
        return signature
    }

    /// Whether the signature is a PKCS#1 v1.5 signature over the message; false also when the library forbids the hash.
    func isValid(_ signature: RawSpan, over message: RawSpan, _ algorithm: SignatureAlgorithm) -> Bool {
        guard signature.byteCount == byteCount, let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit(context, nil, algorithm.digest.implementation, nil, key) == 1 else {
            ERR_clear_error()
            return false
        }
        let result = signature.withUnsafeBytes { signature in
            message.withUnsafeBytes { message in
                EVP_DigestVerify(
                    context, signature.baseAddress?.assumingMemoryBound(to: UInt8.self), signature.count,
                    message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count)
            }
        }
        if result != 1 { ERR_clear_error() }
        return result == 1
    }
}
