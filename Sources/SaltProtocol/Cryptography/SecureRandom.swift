import COpenSSL

/// Random bytes that nobody can predict, from libcrypto's generator (seeded by the system, one state per thread).
public enum SecureRandom {
    /// Fills the buffer; on an error its content is unspecified.
    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(CryptographyError) {
        guard let start = buffer.baseAddress, !buffer.isEmpty else { return }
        guard let count = Int32(exactly: buffer.count) else {
            throw .messageTooLong(bytes: buffer.count, limit: Int(Int32.max))
        }
        guard RAND_bytes(start.assumingMemoryBound(to: UInt8.self), count) == 1 else {
            ERR_clear_error()
            throw .randomUnavailable
        }
    }

    /// `count` fresh random bytes.
    public static func bytes(_ count: Int) throws(CryptographyError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: CryptographyError?
        bytes.withUnsafeMutableBytes { buffer in
            do throws(CryptographyError) { try fill(buffer) } catch { failure = error }
        }
        if let failure { throw failure }
        return bytes
    }
}
