/// One way to prove who asks and who answers: psk, ssl or aes.
///
/// A value with the keys of one program. The same one serves both roles: a client seals requests and opens replies, a node
/// the reverse, and a node that registers seals requests too. Keys that a role does not have are errors when needed.
package protocol SecurityProvider: Sendable {
    /// How envelopes and bodies become bytes.
    var serializer: Serializer { get }

    /// Seals a request.
    ///
    /// - Parameter random: Only the aes provider draws from it.
    func seal(
        _ request: CollectiveRequest, using random: inout some RandomNumberGenerator
    ) throws(SecurityError) -> SealedRequest

    /// Checks and opens a request. Says nothing of its time, its filter and whether it came before: see ``RequestRules``.
    func open(_ request: SealedRequest, limits: SerializerLimits) throws(SecurityError) -> CollectiveRequest

    /// Seals a reply for the one who asked.
    func seal(
        _ reply: CollectiveReply, for caller: CallerID, using random: inout some RandomNumberGenerator
    ) throws(SecurityError) -> SealedReply

    /// Checks and opens a reply.
    func open(_ reply: SealedReply, limits: SerializerLimits) throws(SecurityError) -> CollectiveReply
}

extension SecurityProvider {
    /// Checks and opens a request within the standard limits.
    package func open(_ request: SealedRequest) throws(SecurityError) -> CollectiveRequest {
        try open(request, limits: .standard)
    }

    /// Checks and opens a reply within the standard limits.
    package func open(_ reply: SealedReply) throws(SecurityError) -> CollectiveReply {
        try open(reply, limits: .standard)
    }

    /// A body as it lies in an envelope: Marshal is bytes without an encoding, YAML text.
    func body(_ bytes: [UInt8]) -> RubyString {
        RubyString(bytes: bytes, encoding: serializer == .marshal ? .binary : .utf8)
    }

    /// The value of a body that was proved.
    func value(_ bytes: [UInt8], limits: SerializerLimits) throws(SecurityError) -> RubyValue {
        do { return try serializer.value(bytes, limits: limits) } catch { throw .unreadableBody(error) }
    }
}

/// Why a message is not sealed or not believed. Never carries a secret or a body.
package enum SecurityError: Error, Hashable, Sendable {
    /// The envelope carries no proof, or one of another provider.
    case missingProof
    /// The digest or the signature is not of this body and key.
    case wrongProof
    /// A body that cannot be decrypted with the key at hand: another key, or damaged.
    case undecryptable
    /// There is no public key for this caller.
    case unknownCaller(CallerID)
    /// The key that this operation needs is not configured.
    case missingKey(KeyUse)
    /// Time or ttl of the envelope are not those that were signed.
    case alteredTime
    /// The body is proved and cannot be read.
    case unreadableBody(SerializerError)
    /// The body is proved and lacks what the provider puts around requests.
    case malformedBody
    /// The library refuses: MD5 or SHA-1 in FIPS mode, or memory.
    case libraryFailure(String)

    /// What a key is for.
    package enum KeyUse: String, Hashable, Sendable {
        case signing = "private key"
        case verifyingReplies = "public key of the nodes"
    }
}

extension SecurityError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missingProof: "no hash or key of this security provider: check 'securityprovider' on both ends"
        case .wrongProof: "the hash or signature does not fit the body: check that both ends have the same keys"
        case .undecryptable: "the body cannot be decrypted: it was encrypted for or by another key, or damaged"
        case .unknownCaller(let caller): "no public key for \(caller): put \(caller.name).pem into client_cert_dir"
        case .missingKey(let use): "the \(use.rawValue) is not configured"
        case .alteredTime: "time or ttl are not those that were signed: the message was altered"
        case .unreadableBody(let error): "the body cannot be read: \(error)"
        case .malformedBody: "the body is not a request of this security provider"
        case .libraryFailure(let operation): "the crypto library refuses \(operation): in FIPS mode it always will"
        }
    }
}
