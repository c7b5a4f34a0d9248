/// The psk provider: one secret that clients and nodes share.
///
/// It proves only that somebody with the secret made this body once. Time, filter, agent and caller are not covered, so
/// whoever sees a request can send its body again under another name: see ``RequestRules`` for what a node does about it.
///
/// Source: MCollective 2.12, `plugins/mcollective/security/psk.rb`.
package struct PSKSecurity: SecurityProvider {
    private let secret: [UInt8]
    /// Always Marshal: the provider has no option for it.
    package var serializer: Serializer { .marshal }

    package init(secret: String) { self.secret = Array(secret.utf8) }

    package func seal(
        _ request: CollectiveRequest, using random: inout some RandomNumberGenerator
    ) throws(SecurityError) -> SealedRequest {
        let inner = serializer.bytes(request.body)
        return SealedRequest(request, body: body(inner), proof: .hash(try hash(of: inner)))
    }

    package func open(_ request: SealedRequest, limits: SerializerLimits) throws(SecurityError) -> CollectiveRequest {
        try check(request.body, request.proof)
        return request.opened(try value(request.body.bytes, limits: limits))
    }

    package func seal(
        _ reply: CollectiveReply, for caller: CallerID, using random: inout some RandomNumberGenerator
    ) throws(SecurityError) -> SealedReply {
        let inner = serializer.bytes(reply.body)
        return SealedReply(reply, body: body(inner), proof: .hash(try hash(of: inner)))
    }

    package func open(_ reply: SealedReply, limits: SerializerLimits) throws(SecurityError) -> CollectiveReply {
        try check(reply.body, reply.proof)
        return reply.opened(try value(reply.body.bytes, limits: limits))
    }

    private func hash(of inner: [UInt8]) throws(SecurityError) -> String {
        guard let digest = Digests.md5(inner, secret) else { throw .libraryFailure("MD5") }
        return Digests.hex(digest)
    }

    private func check(_ body: RubyString, _ proof: Proof?) throws(SecurityError) {
        guard case .hash(let claimed)? = proof else { throw .missingProof }
        guard Digests.areEqual(Array(try hash(of: body.bytes).utf8), Array(claimed.utf8)) else { throw .wrongProof }
    }
}

extension PSKSecurity: CustomStringConvertible, CustomReflectable {
    package var description: String { "psk" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What a program with the psk provider calls itself: `plugin.psk.callertype`.
package enum PSKCallerType: String, Hashable, Sendable {
    case uid, gid, user, group, identity

    /// Anything but the five is `uid`, as in the reference.
    package init(option: String?) { self = option.flatMap(PSKCallerType.init(rawValue:)) ?? .uid }

    /// The caller; nil when the name is none that a caller may have.
    package func callerID(_ name: String) -> CallerID? { CallerID(kind: rawValue, name: name) }
}
