/// What a security provider adds to an envelope.
package enum Proof: Hashable, Sendable {
    /// psk: a digest. ssl: a signature in base64.
    case hash(String)
    /// aes: the secret of the body, encrypted, in base64; with `send_pubkey` also the caller's public key as PEM.
    case sealedSecret(String, publicKey: String? = nil)

    /// The fields as they end an envelope.
    var fields: [(RubyValue, RubyValue)] {
        switch self {
        case .hash(let hash): [(.symbol("hash"), .ascii(hash))]
        case .sealedSecret(let secret, let publicKey):
            [(.symbol("sslkey"), .ascii(secret))] + (publicKey.map { [(.symbol("sslpubkey"), .text($0))] } ?? [])
        }
    }

    /// The proof of an envelope, nil when it has none.
    init?(_ envelope: EnvelopeFields) throws(EnvelopeError) {
        if let secret = try envelope.optionalText("sslkey") {
            self = .sealedSecret(secret, publicKey: try envelope.optionalText("sslpubkey"))
        } else if let hash = try envelope.optionalText("hash") {
            self = .hash(hash)
        } else {
            return nil
        }
    }
}

/// The fields of an envelope while it is read.
struct EnvelopeFields {
    private let hash: RubyHash

    init(_ value: RubyValue) throws(EnvelopeError) {
        guard case .hash(let hash) = value else { throw .notAHash }
        self.hash = hash
    }

    subscript(_ name: String) -> RubyValue? { hash[.symbol(name)] }

    func text(_ name: String) throws(EnvelopeError) -> String {
        guard let text = try optionalText(name) else { throw .missing(field: name) }
        return text
    }

    func optionalText(_ name: String) throws(EnvelopeError) -> String? {
        guard let value = self[name], value != .null else { return nil }
        guard case .string(let string) = value, let text = string.text else { throw .invalid(field: name) }
        return text
    }

    /// A number of seconds: an integer, or a float as some clients of other languages send.
    func seconds(_ name: String) throws(EnvelopeError) -> Int64 {
        let seconds = try number(name)
        // A time or a ttl beyond these is nobody's, and sums with it would overflow.
        guard abs(seconds) <= EnvelopeFields.maxSeconds else { throw .invalid(field: name) }
        return seconds
    }

    /// Some thirty thousand years.
    private static let maxSeconds: Int64 = 1_000_000_000_000

    private func number(_ name: String) throws(EnvelopeError) -> Int64 {
        switch self[name] {
        case .int(.min): throw .invalid(field: name)
        case .int(let number): return number
        case .double(let number):
            guard let seconds = Int64(exactly: number.rounded(.down)) else { throw .invalid(field: name) }
            return seconds
        case .none, .null: throw .missing(field: name)
        case .bool, .big, .string, .symbol, .array, .hash, .regexp: throw .invalid(field: name)
        }
    }

    func bytes(_ name: String) throws(EnvelopeError) -> [UInt8] {
        guard let value = self[name] else { throw .missing(field: name) }
        guard case .string(let string) = value else { throw .invalid(field: name) }
        return string.bytes
    }
}

/// Why a value is no envelope.
package enum EnvelopeError: Error, Hashable, Sendable {
    case unreadable(SerializerError)
    /// The message is not base64, and `plugin.….base64` says that it is.
    case notBase64
    case notAHash
    case missing(field: String)
    case invalid(field: String)
    case filter(FilterError)
}

extension EnvelopeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let error): "the envelope cannot be read: \(error)"
        case .notBase64: "the message is not base64: check 'base64' of the connector on both ends"
        case .notAHash: "the envelope is not a hash: check that both ends have the same security provider"
        case .missing(let field): "the envelope has no :\(field): check that both ends have the same security provider"
        case .invalid(let field): "the :\(field) of the envelope is not what it should be"
        case .filter(let error): "the filter of the envelope: \(error)"
        }
    }
}
