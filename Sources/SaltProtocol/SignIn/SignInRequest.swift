package import MessagePack

/// What a node says when it signs in: the load of the clear command `_auth`, in either role.
///
/// Decoded without judging: whether the id is valid, the key readable and the algorithms known is for
/// ``SignInServer`` to say, since each has its own answer.
package struct SignInRequest: Sendable, Equatable {
    /// The largest load that is read. A key of 8192 bits, a token and some grains take 4 KB.
    package static let maximumBytes = 16 << 10

    /// The minion id as sent.
    package var id: String
    /// Repeated in the reply.
    package var nonce: Nonce
    /// `enc_algo` as sent; Salt's default when absent.
    package var encryption: String
    /// `sig_algo` as sent; Salt's default when absent.
    package var signature: String
    /// `autosign_grains`, values in the form in which Python prints them; a value that is a container is left out.
    package var autosignGrains: [String: String]
    /// The node's random token, encrypted for the controller; absent at first contact.
    package var token: [UInt8]?
    /// The node's public key, normalised.
    package var publicKey: String

    package init(
        id: String, nonce: Nonce, encryption: EncryptionAlgorithm = .saltDefault,
        signature: SignatureAlgorithm = .saltDefault, autosignGrains: [String: String] = [:], token: [UInt8]? = nil,
        publicKey: PublicKey
    ) {
        self.id = id
        self.nonce = nonce
        self.encryption = encryption.rawValue
        self.signature = signature.rawValue
        self.autosignGrains = autosignGrains
        self.token = token
        self.publicKey = publicKey.pem
    }

    /// Reads the load, a whole map; unknown fields are passed over.
    ///
    /// - Throws: `malformedRequest`, which is answered with the text `bad load`.
    package init(load: RawSpan) throws(SignInFailure) {
        var fields = Fields()
        do throws(MessagePackError) { try fields.read(load) } catch { throw .malformedRequest }
        guard let id = fields.id, let publicKey = fields.publicKey, let nonce = fields.nonce else {
            throw .malformedRequest
        }
        self.id = id
        self.nonce = nonce
        self.publicKey = PEM.normalised(publicKey)
        encryption = fields.encryption ?? EncryptionAlgorithm.saltDefault.rawValue
        signature = fields.signature ?? SignatureAlgorithm.saltDefault.rawValue
        autosignGrains = fields.autosignGrains
        token = fields.token
    }

    /// Reads the load, a whole map; unknown fields are passed over.
    package init(load: [UInt8]) throws(SignInFailure) { try self.init(load: load.span.bytes) }

    private struct Fields {
        var id, encryption, signature, publicKey: String?
        var nonce: Nonce?
        var token: [UInt8]?
        var autosignGrains: [String: String] = [:]

        mutating func read(_ load: RawSpan) throws(MessagePackError) {
            var reader = MessagePackReader(load)
            for _ in 0..<(try reader.readMap()) {
                guard let key = try reader.readTextOrSkip() else {
                    try reader.skip()
                    continue
                }
                if reader.matches(key, "id") {
                    id = reader.text(try reader.readString())
                } else if reader.matches(key, "nonce") {
                    nonce = Nonce(ascii: reader.bytes.extracting(try reader.readString()))
                } else if reader.matches(key, "enc_algo") {
                    encryption = reader.text(try reader.readString())
                } else if reader.matches(key, "sig_algo") {
                    signature = reader.text(try reader.readString())
                } else if reader.matches(key, "pub") {
                    publicKey = reader.text(try reader.readString())
                } else if reader.matches(key, "token") {
                    token = reader.array(try reader.readString())
                } else if reader.matches(key, "autosign_grains") {
                    autosignGrains = Fields.grains(try reader.readValue())
                } else {
                    try reader.skip()
                }
            }
            try reader.finish()
        }

        private static func grains(_ value: MessagePackValue) -> [String: String] {
            guard case .map(let entries) = value else { return [:] }
            return entries.reduce(into: [:]) { grains, entry in
                guard case .string(let name) = entry.key, let text = pythonText(entry.value) else { return }
                grains[name] = text
            }
        }

        /// Python's `str()` of a scalar.
        private static func pythonText(_ value: MessagePackValue) -> String? {
            switch value {
            case .string(let text): text
            case .int(let number): String(number)
            case .uint(let number): String(number)
            case .bool(let flag): flag ? "True" : "False"
            case .null: "None"
            case .float, .double, .raw, .binary, .array, .map, .ext: nil
            }
        }
    }
}

extension SignInRequest {
    /// The whole message as Salt packs it: `{enc: clear, load: …, version: 3}`.
    ///
    /// - Parameter autosignGrains: Values for `autosign_grains` as they are; nil leaves the field out.
    package func encoded(autosignGrains: [MessagePackValue.Entry]? = nil) -> [UInt8] {
        var writer = MessagePackWriter(.raw, capacity: 1024)
        writer.writeMap(count: 3)
        writer.write("enc")
        writer.write("clear")
        writer.write("load")
        writer.writeMap(count: 6 + (autosignGrains == nil ? 0 : 1) + (token == nil ? 0 : 1))
        writer.write("cmd")
        writer.write("_auth")
        writer.write("id")
        writer.write(id)
        writer.write("nonce")
        writer.writeString(nonce.ascii)
        writer.write("enc_algo")
        writer.write(encryption)
        writer.write("sig_algo")
        writer.write(signature)
        if let autosignGrains {
            writer.write("autosign_grains")
            writer.write(.map(autosignGrains))
        }
        if let token {
            writer.write("token")
            writer.writeBinary(token)
        }
        writer.write("pub")
        writer.write(publicKey)
        writer.write("version")
        writer.write(3)
        return writer.finish()
    }
}
