import COpenSSL

/// A hash function by the name that Salt's `hash_type` uses.
public enum DigestAlgorithm: String, Sendable, Hashable, CaseIterable {
    case md5, sha1, sha224, sha256, sha384, sha512

    /// Length of the result.
    public var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha224: 28
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    var implementation: OpaquePointer? {
        switch self {
        case .md5: EVP_md5()
        case .sha1: EVP_sha1()
        case .sha224: EVP_sha224()
        case .sha256: EVP_sha256()
        case .sha384: EVP_sha384()
        case .sha512: EVP_sha512()
        }
    }

    /// The digest of the bytes.
    public func hash(_ bytes: RawSpan) throws(CryptographyError) -> [UInt8] {
        var digest = try Digest(self)
        try digest.update(bytes)
        return try digest.finish()
    }

    /// The digest of the bytes.
    public func hash(_ bytes: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try hash(bytes.span.bytes)
    }

    /// The digest of the bytes in lower-case hex, as Salt writes it.
    public func hex(_ bytes: [UInt8]) throws(CryptographyError) -> String {
        Hex.encode(try hash(bytes))
    }

    /// The digest of the text's UTF-8 in lower-case hex, as Salt writes it.
    public func hex(_ text: String) throws(CryptographyError) -> String {
        try hex(Array(text.utf8))
    }
}

/// A digest over bytes that come in pieces, such as the blocks of a file.
public struct Digest: ~Copyable {
    private let context: OpaquePointer
    /// The function in use.
    public let algorithm: DigestAlgorithm

    /// An empty digest; throws `algorithmUnavailable` where the library forbids the function (MD5 in FIPS mode).
    public init(_ algorithm: DigestAlgorithm) throws(CryptographyError) {
        guard let context = EVP_MD_CTX_new() else { throw .libraryFailure(operation: "EVP_MD_CTX_new") }
        guard EVP_DigestInit_ex(context, algorithm.implementation, nil) == 1 else {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
            throw .algorithmUnavailable(algorithm.rawValue)
        }
        self.context = context
        self.algorithm = algorithm
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public mutating func update(_ bytes: RawSpan) throws(CryptographyError) {
        let done = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        guard done == 1 else { throw .libraryFailure(operation: "EVP_DigestUpdate") }
    }

    /// Adds bytes.
    public mutating func update(_ bytes: [UInt8]) throws(CryptographyError) {
        try update(bytes.span.bytes)
    }

    /// The digest of all bytes added.
    public consuming func finish() throws(CryptographyError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: algorithm.byteCount)
        guard EVP_DigestFinal_ex(context, &result, nil) == 1 else {
            throw .libraryFailure(operation: "EVP_DigestFinal_ex")
        }
        return result
    }

    /// The digest of all bytes added, in lower-case hex.
    public consuming func finishHex() throws(CryptographyError) -> String {
        Hex.encode(try finish())
    }
}
