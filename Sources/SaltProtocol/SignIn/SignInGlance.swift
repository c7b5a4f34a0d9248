/// What a reply to `_auth` says at first sight: nothing of it is verified, so nothing may be believed.
///
/// For load generators, which would spend on a node's RSA work what they have to measure the controller.
package enum SignInGlance: Sendable, Hashable {
    /// It carries keys.
    case granted
    /// It carries another answer.
    case refused
    /// It is no reply to `_auth`.
    case unreadable

    package init(_ reply: RawSpan) {
        guard case .signed(let load, _) = SignInReply(reply), let fields = SignInReplyLoad(load) else {
            self = .unreadable
            return
        }
        self = fields.sessionKey == nil || fields.verdict != nil ? .refused : .granted
    }

    package init(_ reply: [UInt8]) { self.init(reply.span.bytes) }
}
