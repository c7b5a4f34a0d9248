import COpenSSL

/// Hashes of bytes, by libcrypto.
package enum Digest: String, Sendable, CaseIterable {
    case md5, sha1, sha224, sha256, sha384, sha512

    /// The digest of bytes in memory.
    package func hash(_ bytes: [UInt8]) -> [UInt8] {
        var state = State(self)
        state.update(bytes)
        return state.finish()
    }

    /// A digest in the making, for content that comes in pieces.
    package struct State: ~Copyable {
        private let context: OpaquePointer?

        package init(_ digest: Digest) {
            context = EVP_MD_CTX_new()
            EVP_DigestInit_ex(context, digest.algorithm, nil)
        }

        package mutating func update(_ bytes: [UInt8]) {
            EVP_DigestUpdate(context, bytes, bytes.count)
        }

        /// The digest; the state is of no use afterwards.
        package mutating func finish() -> [UInt8] {
            var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
            var count: UInt32 = 0
            EVP_DigestFinal_ex(context, &digest, &count)
            return Array(digest[..<Int(count)])
        }

        deinit { EVP_MD_CTX_free(context) }
    }

    private var algorithm: OpaquePointer? {
        switch self {
        case .md5: EVP_md5()
        case .sha1: EVP_sha1()
        case .sha224: EVP_sha224()
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }
}

extension Sequence<UInt8> {
    /// Two lower-case hexadecimal digits a byte.
    package var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
