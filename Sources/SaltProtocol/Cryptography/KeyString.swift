import MusterCore

/// A symmetric secret in Salt's form: 56 random bytes as 76 characters of base64.
///
/// The first 24 bytes are an AES-192 key, the other 32 an HMAC-SHA256 key. The publish key, session keys and the key of
/// a pillar reply are such secrets. Neither printing nor reflecting shows anything of it.
public struct KeyString: Sendable {
    /// Length of the text.
    public static let characterCount = 76

    private static let cipherKeyCount = 24
    private static let macKeyCount = 32

    /// The 76 ASCII characters: what is encrypted for a node and hashed for the inner `sig` of a sign-in.
    public let ascii: [UInt8]
    private let secret: [UInt8]

    /// Reads a text of 76 characters of canonical base64; the length must be exact, so trim a file's content first.
    public init(ascii: [UInt8]) throws(CryptographyError) {
        guard ascii.count == KeyString.characterCount, let secret = Base64.decode(ascii),
            secret.count == KeyString.cipherKeyCount + KeyString.macKeyCount
        else { throw .malformedKeyString }
        self.init(secret: secret)
        // Another text of the same bytes would have another digest than its sender reckons with.
        guard self.ascii == ascii else { throw .malformedKeyString }
    }

    /// Reads a text of 76 characters of canonical base64; the length must be exact, so trim a file's content first.
    public init(_ text: String) throws(CryptographyError) {
        try self.init(ascii: Array(text.utf8))
    }

    private init(secret: [UInt8]) {
        self.secret = secret
        ascii = Array(Base64.encode(secret).utf8)
    }

    /// A fresh secret.
    public static func random() throws(CryptographyError) -> KeyString {
        KeyString(secret: try SecureRandom.bytes(cipherKeyCount + macKeyCount))
    }

    /// The 76 characters, for the file that keeps a session key (mode 0600); nowhere else.
    public var secretText: String { String(decoding: ascii, as: UTF8.self) }

    var cipherKey: ArraySlice<UInt8> { secret[..<KeyString.cipherKeyCount] }
    var macKey: ArraySlice<UInt8> { secret[KeyString.cipherKeyCount...] }
}

extension KeyString: Equatable {
    public static func == (left: KeyString, right: KeyString) -> Bool {
        ConstantTime.areEqual(left.secret, right.secret)
    }
}

extension KeyString: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "key string (secret)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
