import COpenSSL

@testable import SaltProtocol

/// A blob with a right MAC around any content: what a peer with the key and a fault, or bad intentions, sends.
enum ForgedBlob {
    /// The content must be whole blocks; nothing is added to it.
    static func make(content: [UInt8], key: KeyString) throws -> [UInt8] {
        let vector = [UInt8](repeating: 5, count: 16)
        var cipherText = [UInt8](repeating: 0, count: content.count)
        var count: Int32 = 0
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        EVP_EncryptInit_ex(context, EVP_aes_192_cbc(), nil, Array(key.cipherKey), vector)
        EVP_CIPHER_CTX_set_padding(context, 0)
        EVP_EncryptUpdate(context, &cipherText, &count, content, Int32(content.count))
        return vector + cipherText + hmac(Array(key.macKey), vector + cipherText)
    }

    /// HMAC-SHA256 by its definition (RFC 2104).
    private static func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        let block = key + [UInt8](repeating: 0, count: 64 - key.count)
        let inner = sha256(block.map { $0 ^ 0x36 } + message)
        return sha256(block.map { $0 ^ 0x5c } + inner)
    }

    private static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        SHA256(bytes, bytes.count, &digest)
        return digest
    }
}
