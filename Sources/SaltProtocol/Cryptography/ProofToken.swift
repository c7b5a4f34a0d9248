/// The `tok` of every request: the word `salt` in an X9.31 block of the node's key.
///
/// It never changes for a key, so it proves possession and nothing about freshness. The controller checks it once per
/// connection of key and node by RSA (20 µs) and afterwards only compares bytes: keep one value per node and loop, and
/// make a new one when the node's accepted key changes.
public struct ProofToken: Sendable {
    private static let word = Array("salt".utf8)

    private let key: KeptPublicKey
    private var known: [UInt8]?

    /// For checking the tokens of the node that owns the key.
    public init(for key: PublicKey) { self.init(for: KeptPublicKey(key)) }

    /// For checking the tokens of the node that owns the key.
    public init(for key: KeptPublicKey) { self.key = key }

    /// The token that a node with this key sends; costs one private operation, so make it once.
    public static func make(with key: PrivateKey) throws(CryptographyError) -> [UInt8] {
        try key.signRecoverably(word)
    }

    /// Whether the bytes are the token that was accepted; without RSA.
    public func remembers(_ token: RawSpan) -> Bool {
        known.map { ConstantTime.areEqual($0.span.bytes, token) } ?? false
    }

    /// Whether the bytes are a token of this key; the first right one is remembered.
    public mutating func accepts(_ token: RawSpan) -> Bool {
        if remembers(token) { return true }
        // A failing library is no reason to let anyone in.
        guard let word = try? key.key().recover(token), ConstantTime.areEqual(word, ProofToken.word) else {
            return false
        }
        known = token.withUnsafeBytes { Array($0) }
        return true
    }

    /// Whether the bytes are a token of this key; the first right one is remembered.
    public mutating func accepts(_ token: [UInt8]) -> Bool { accepts(token.span.bytes) }
}
