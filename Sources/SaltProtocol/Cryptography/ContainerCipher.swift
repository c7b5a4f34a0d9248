import COpenSSL

/// AES-192-CBC over whole blocks: libcrypto's contexts, given a key and an IV for each message.
///
/// Thousands of ``Container``s on one event loop share one: setting the key anew costs a tenth of a microsecond, which is
/// less than fetching a context of the node's own from memory. The key of the last message stays in it until the next one. Not `Sendable`: it belongs to the owner of its containers.
public final class ContainerCipher {
    static let blockCount = 16

    private let encryptor: OpaquePointer
    private let decryptor: OpaquePointer

    public init() throws(CryptographyError) {
        encryptor = try ContainerCipher.context(.encrypt)
        do throws(CryptographyError) {
            decryptor = try ContainerCipher.context(.decrypt)
        } catch {
            EVP_CIPHER_CTX_free(encryptor)
            throw error
        }
    }

    deinit {
        EVP_CIPHER_CTX_free(encryptor)
        EVP_CIPHER_CTX_free(decryptor)
    }

    /// Encrypts whole blocks; input and output may be the same. False when libcrypto fails.
    func encrypt(
        _ input: UnsafeRawBufferPointer, _ key: ContainerKey, _ vector: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        run(encryptor, .encrypt, input, key, vector, output)
    }

    /// Decrypts whole blocks. False when libcrypto fails.
    func decrypt(
        _ input: UnsafeRawBufferPointer, _ key: ContainerKey, _ vector: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        run(decryptor, .decrypt, input, key, vector, output)
    }

    private func run(
        _ context: OpaquePointer, _ direction: Direction, _ input: UnsafeRawBufferPointer, _ key: ContainerKey,
        _ vector: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var count: Int32 = 0
        let isReady = key.withCipherKey {
            EVP_CipherInit_ex(
                context, nil, nil, $0, vector.baseAddress?.assumingMemoryBound(to: UInt8.self), direction.rawValue) == 1
        }
        guard isReady,
            EVP_CipherUpdate(
                context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), &count,
                input.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(input.count)) == 1,
            Int(count) == input.count
        else {
            ERR_clear_error()
            return false
        }
        return true
    }

    private enum Direction: Int32 {
        case decrypt = 0
        case encrypt = 1
    }

    private static func context(_ direction: Direction) throws(CryptographyError) -> OpaquePointer {
        guard let context = EVP_CIPHER_CTX_new() else { throw .libraryFailure(operation: "EVP_CIPHER_CTX_new") }
        guard EVP_CipherInit_ex(context, EVP_aes_192_cbc(), nil, nil, nil, direction.rawValue) == 1,
            EVP_CIPHER_CTX_set_padding(context, 0) == 1
        else {
            EVP_CIPHER_CTX_free(context)
            ERR_clear_error()
            throw .algorithmUnavailable("AES-192-CBC")
        }
        return context
    }
}
