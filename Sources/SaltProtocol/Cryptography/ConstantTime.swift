import COpenSSL

/// Comparison of secrets in a time that does not depend on where they differ.
public enum ConstantTime {
    /// True when both are equal; only the lengths may show in the time taken.
    public static func areEqual(_ left: RawSpan, _ right: RawSpan) -> Bool {
        guard left.byteCount == right.byteCount else { return false }
        return left.withUnsafeBytes { a in right.withUnsafeBytes { b in areEqual(a, b) } }
    }

    /// True when both are equal; only the lengths may show in the time taken.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        areEqual(left.span.bytes, right.span.bytes)
    }

    static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let a = left.baseAddress, let b = right.baseAddress else { return true }
        return CRYPTO_memcmp(a, b, left.count) == 0
    }
}
