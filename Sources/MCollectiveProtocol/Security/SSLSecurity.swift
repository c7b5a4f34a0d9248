import MusterCore

/// The ssl provider: callers sign what they ask with keys of their own, all nodes answer with one shared key.
///
/// Body, ttl and time are covered; filter, agent, collective and request id are not, and nothing is encrypted.
///
/// Source: MCollective 2.12, `plugins/mcollective/security/ssl.rb`.
package struct SSLSecurity: SecurityProvider {
    package let serializer: Serializer
    private let privateKey: SecurityPrivateKey?
    private let nodeKey: SecurityPublicKey?
    private let callerKey: @Sendable (CallerID) -> SecurityPublicKey?

    /// - Parameters:
    ///   - privateKey: What this program signs with: a client's own key, or the key of all nodes.
    ///   - nodeKey: The public key of all nodes; a node itself does without.
    ///   - callerKey: The public key of a caller, nil when there is none; a client does without. Called for each request.
    package init(
        serializer: Serializer = .marshal, privateKey: SecurityPrivateKey?, nodeKey: SecurityPublicKey? = nil,
        callerKey: @escaping @Sendable (CallerID) -> SecurityPublicKey? = { _ in nil }
    ) {
        self.serializer = serializer
        self.privateKey = privateKey
        self.nodeKey = nodeKey
        self.callerKey = callerKey
    }

    package func seal(
        _ request: CollectiveRequest, using random: inout some RandomNumberGenerator
    ) throws(SecurityError) -> SealedRequest {
        let inner = serializer.bytes(TimedBody.ssl.wrap(request))
        return SealedRequest(request, body: body(inner), proof: try sign(inner))
    }

    package func open(_ request: SealedRequest, limits: SerializerLimits) throws(SecurityError) -> CollectiveRequest {
        guard case .hash? = request.proof else { throw .missingProof }
        guard let key = callerKey(request.callerID) else { throw .unknownCaller(request.callerID) }
        try verify(request.body, request.proof, key)
        return request.opened(try TimedBody.ssl.unwrap(try value(request.body.bytes, limits: limits), of: request))
    }

    package func seal(
        _ reply: CollectiveReply, for caller: CallerID, using random: inout some RandomNumberGenerator
    ) throws(SecurityError) -> SealedReply {
        let inner = serializer.bytes(reply.body)
        return SealedReply(reply, body: body(inner), proof: try sign(inner))
    }

    package func open(_ reply: SealedReply, limits: SerializerLimits) throws(SecurityError) -> CollectiveReply {
        guard let nodeKey else { throw .missingKey(.verifyingReplies) }
        try verify(reply.body, reply.proof, nodeKey)
        return reply.opened(try value(reply.body.bytes, limits: limits))
    }

    private func sign(_ inner: [UInt8]) throws(SecurityError) -> Proof {
        guard let privateKey else { throw .missingKey(.signing) }
        guard let signature = privateKey.key.sign(inner) else { throw .libraryFailure("a SHA-1 signature") }
        return .hash(LineBase64.encode(signature))
    }

    private func verify(
        _ body: RubyString, _ proof: Proof?, _ key: SecurityPublicKey
    ) throws(SecurityError) {
        guard case .hash(let text)? = proof else { throw .missingProof }
        guard let signature = LineBase64.decode(text.utf8), key.key.isValid(signature, over: body.bytes) else {
            throw .wrongProof
        }
    }
}

/// What ssl and aes put around the body of a request, so that its time is covered.
enum TimedBody: String {
    case ssl, aes

    /// The body with time and ttl.
    func wrap(_ request: CollectiveRequest) -> RubyValue {
        .hash([
            (.symbol("\(rawValue)_msg"), request.body), (.symbol("\(rawValue)_ttl"), .int(request.ttl)),
            (.symbol("\(rawValue)_msgtime"), .int(request.time.seconds)),
        ])
    }

    /// The body, when time and ttl are those of the envelope.
    func unwrap(_ value: RubyValue, of request: SealedRequest) throws(SecurityError) -> RubyValue {
        guard let hash = value.hash, let body = hash[.symbol("\(rawValue)_msg")] else { throw .malformedBody }
        do {
            let fields = try EnvelopeFields(value)
            guard try fields.seconds("\(rawValue)_ttl") == request.ttl,
                try fields.seconds("\(rawValue)_msgtime") == request.time.seconds
            else { throw SecurityError.alteredTime }
        } catch let error as SecurityError {
            throw error
        } catch {
            throw .malformedBody
        }
        return body
    }
}
