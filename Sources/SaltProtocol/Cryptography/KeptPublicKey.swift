/// A public key kept as its text, for those who keep thousands: half a KB instead of three.
///
/// Reading it again takes 10 to 20 µs. Two are equal when the keys are: the text has one form (`PublicKey.pem`).
public struct KeptPublicKey: Sendable, Hashable {
    /// The key as `PublicKey` writes it.
    public let pem: String

    public init(_ key: PublicKey) { pem = key.pem }

    /// The key, ready for use.
    ///
    /// - Throws: Only when libcrypto fails; the text was a key when it was kept.
    public func key() throws(CryptographyError) -> PublicKey { try PublicKey(pem: pem) }
}
