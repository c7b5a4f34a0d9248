/// The 32 characters by which a request and its reply are recognised as belonging together.
///
/// Ours are lower-case hex (Salt's UUID without dashes); from peers any 32 printable ASCII characters are accepted, since
/// a reply only repeats them. Kept inline, so that a memory of seen ones costs no allocation each.
public struct Nonce: Sendable, Hashable {
    /// Length of every nonce.
    public static let byteCount = 32

    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// Nil when the bytes are not 32 printable ASCII characters.
    public init?(ascii bytes: RawSpan) {
        guard bytes.byteCount == Nonce.byteCount else { return nil }
        let words = bytes.withUnsafeBytes { Nonce.words(from: $0) }
        guard let words else { return nil }
        self.words = words
    }

    /// Nil when the bytes are not 32 printable ASCII characters.
    public init?(ascii bytes: [UInt8]) { self.init(ascii: bytes.span.bytes) }

    /// Nil when the text is not 32 printable ASCII characters.
    public init?(_ text: String) { self.init(ascii: Array(text.utf8)) }

    private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// A fresh nonce of 128 random bits.
    public static func random() throws(CryptographyError) -> Nonce {
        var failure: CryptographyError?
        let words = withUnsafeTemporaryAllocation(byteCount: byteCount / 2, alignment: 8) { random in
            do throws(CryptographyError) { try SecureRandom.fill(random) } catch { failure = error }
            return withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { digits in
                for index in random.indices {
                    digits[2 * index] = Hex.digit(random[index] >> 4)
                    digits[2 * index + 1] = Hex.digit(random[index] & 0xf)
                }
                return Nonce.words(from: UnsafeRawBufferPointer(digits))
            }
        }
        if let failure { throw failure }
        guard let words else { throw .libraryFailure(operation: "RAND_bytes") }
        return Nonce(words: words)
    }

    private static func words(from bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64, UInt64, UInt64)? {
        guard bytes.count == byteCount, bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else { return nil }
        return (
            bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
            bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
        )
    }

    /// The 32 characters.
    public var ascii: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Calls the closure with the 32 characters.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Swift.withUnsafeBytes(of: words, body)
    }

    public static func == (left: Nonce, right: Nonce) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Nonce: CustomStringConvertible {
    public var description: String { String(decoding: ascii, as: UTF8.self) }
}
