import COpenSSL

/// The digests of the peers' wire.
enum Digests {
    /// MD5 of some parts in a row; nil where the library forbids it (FIPS mode).
    static func md5(_ parts: [UInt8]...) -> [UInt8]? {
        guard let context = EVP_MD_CTX_new() else { return nil }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_DigestInit_ex(context, EVP_md5(), nil) == 1 else { return nil }
        for part in parts where EVP_DigestUpdate(context, part, part.count) != 1 { return nil }
        var digest = [UInt8](repeating: 0, count: 16)
        return EVP_DigestFinal_ex(context, &digest, nil) == 1 ? digest : nil
    }

    /// Lower-case hex digits.
    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Whether both are equal, in a time that depends only on their lengths.
    static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
