/// A private RSA key of the ssl or aes provider. Printing it shows nothing.
package struct SecurityPrivateKey: Sendable {
    let key: RSAKey

    /// Reads PKCS#1 or PKCS#8 that is not encrypted.
    package init(pem: String) throws(SecurityKeyError) { key = try RSAKey(privatePEM: pem) }
}

extension SecurityPrivateKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "private key of \(key.byteCount * 8) bits" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A public RSA key of the ssl or aes provider.
package struct SecurityPublicKey: Sendable {
    let key: RSAKey

    /// Reads `BEGIN PUBLIC KEY` or a certificate.
    package init(pem: String) throws(SecurityKeyError) { key = try RSAKey(publicPEM: pem) }
}

extension SecurityPublicKey: CustomStringConvertible {
    package var description: String { "public key of \(key.byteCount * 8) bits" }
}

/// Why a key file cannot be used. Never carries key material.
package enum SecurityKeyError: Error, Hashable, Sendable {
    case notPrivateKey
    case notPublicKey
    case encrypted
    case notRSA
    case sizeOutOfRange(bits: Int)
}

extension SecurityKeyError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notPrivateKey: "not a private key in PEM: check that the option names the private half"
        case .notPublicKey: "not a public key or certificate in PEM: check that the option names the public half"
        case .encrypted: "the private key is encrypted, which MCollective cannot use: decrypt it with 'openssl rsa'"
        case .notRSA: "not an RSA key: MCollective's providers know only RSA"
        case .sizeOutOfRange(let bits): "an RSA key of \(bits) bits is outside 1024…16384"
        }
    }
}
