/// The aes provider: bodies are encrypted; requests with the caller's private key, replies for the caller's public key.
///
/// Body, ttl and time of requests are covered, their filter, agent, collective and request id are not. Whoever has a
/// caller's public key can read what it asks, and whoever has it can answer: a reply does not prove its sender.
///
/// Source: MCollective 2.12, `plugins/mcollective/security/aes_security.rb`, `lib/mcollective/ssl.rb`.
package struct AESSecurity: SecurityProvider {
    package let serializer: Serializer
    private let privateKey: SecurityPrivateKey?
    private let sentPublicKey: String?
    private let callerKey: @Sendable (CallerID) -> SecurityPublicKey?

    /// - Parameters:
    ///   - privateKey: This program's own key.
    ///   - sentPublicKey: The public key that goes out with requests, for nodes that learn keys (`send_pubkey`).
    ///   - callerKey: The public key of a caller, nil when there is none; a client does without. Called for each message.
    package init(
        serializer: Serializer = .marshal, privateKey: SecurityPrivateKey?, sentPublicKey: String? = nil,
        callerKey: @escaping @Sendable (CallerID) -> SecurityPublicKey? = { _ in nil }
    ) {
        self.serializer = serializer
        self.privateKey = privateKey
        self.sentPublicKey = sentPublicKey
        self.callerKey = callerKey
    }

    package func seal(
        _ request: CollectiveRequest, using random: inout some RandomNumberGenerator
    ) throws(SecurityError) -> SealedRequest {
        guard let privateKey else { throw .missingKey(.signing) }
        let (body, secret) = try encrypt(TimedBody.aes.wrap(request), &random)
        guard let sealed = privateKey.key.perform(.privateEncrypt, secret) else {
            throw .libraryFailure("RSA encryption with a private key")
        }
        return SealedRequest(
            request, body: body, proof: .sealedSecret(LineBase64.encode(sealed), publicKey: sentPublicKey))
    }

    package func open(_ request: SealedRequest, limits: SerializerLimits) throws(SecurityError) -> CollectiveRequest {
        guard case .sealedSecret(let secret, _)? = request.proof else { throw .missingProof }
        guard let key = callerKey(request.callerID) else { throw .unknownCaller(request.callerID) }
        let inner = try decrypt(request.body, secret) { key.key.perform(.publicDecrypt, $0) }
        return request.opened(try TimedBody.aes.unwrap(try value(inner, limits: limits), of: request))
    }

    package func seal(
        _ reply: CollectiveReply, for caller: CallerID, using random: inout some RandomNumberGenerator
    ) throws(SecurityError) -> SealedReply {
        guard let key = callerKey(caller) else { throw .unknownCaller(caller) }
        let (body, secret) = try encrypt(reply.body, &random)
        guard let sealed = key.key.perform(.encrypt, secret) else { throw .libraryFailure("RSA encryption") }
        return SealedReply(reply, body: body, proof: .sealedSecret(LineBase64.encode(sealed)))
    }

    package func open(_ reply: SealedReply, limits: SerializerLimits) throws(SecurityError) -> CollectiveReply {
        guard let privateKey else { throw .missingKey(.signing) }
        guard case .sealedSecret(let secret, _)? = reply.proof else { throw .missingProof }
        let inner = try decrypt(reply.body, secret) { privateKey.key.perform(.decrypt, $0) }
        return reply.opened(try value(inner, limits: limits))
    }

    private func encrypt(
        _ value: RubyValue, _ random: inout some RandomNumberGenerator
    ) throws(SecurityError) -> (body: RubyString, secret: [UInt8]) {
        let secret = (0..<BodyCipher.secretCount).map { _ in UInt8.random(in: 0...255, using: &random) }
        guard let cipherText = BodyCipher(secret: secret)?.encrypt(serializer.bytes(value)) else {
            throw .libraryFailure("AES-256-CBC")
        }
        return (RubyString(bytes: Array(LineBase64.encode(cipherText).utf8), encoding: .ascii), secret)
    }

    private func decrypt(
        _ body: RubyString, _ sealedSecret: String, _ open: ([UInt8]) -> [UInt8]?
    ) throws(SecurityError) -> [UInt8] {
        guard let sealed = LineBase64.decode(sealedSecret.utf8), let secret = open(sealed),
            secret.count == BodyCipher.secretCount, let cipherText = LineBase64.decode(body.bytes),
            let inner = BodyCipher(secret: secret)?.decrypt(cipherText)
        else { throw .undecryptable }
        return inner
    }
}
