/// Why a sign-in did not succeed, from the node's side, or why a request could not be read, from the controller's.
package enum SignInFailure: Error, Equatable, Sendable {
    /// The load of the request lacks `id`, `pub` or a usable `nonce`, or is no map.
    case malformedRequest
    /// The controller has our key and waits for somebody to accept it.
    case pending
    /// The controller refuses our key.
    case rejected
    /// The controller has as many nodes as it may have.
    case full
    /// The controller does not know one of our algorithms; its own words.
    case unsupportedAlgorithm(String)
    /// The controller answered a text instead of a reply, such as `bad load`.
    case refused(String)
    /// Nothing came in time.
    case noReply
    /// The reply is not of the form that the protocol prescribes.
    case malformedReply
    /// The controller's key is another than the one remembered.
    case controllerKeyChanged(remembered: String, received: String)
    /// The controller's key does not have the configured fingerprint.
    case wrongFingerprint(configured: String, received: String)
    /// We are to verify the signature of the controller's key, and none came.
    case keySignatureMissing
    /// The controller's key came with a signature that we are not configured to verify.
    case keySignatureUnexpected
    /// The signature of the controller's key is not by the configured signing key.
    case keySignatureInvalid
    /// The reply is not signed by the controller's key.
    case invalidSignature
    /// The reply answers another request: replayed or mixed up.
    case wrongNonce
    /// The publish key is not vouched for by the controller's key.
    case unprovenPublishKey
    /// The controller could not show that it read our token.
    case wrongToken
    /// A key in the reply cannot be read with our private key, or is none.
    case unreadableKeys
    /// Our own library failed.
    case library(CryptographyError)
}

extension SignInFailure {
    /// The status with which a node ends that stops for this reason, nil when no reason to stop.
    ///
    /// Source: Salt, `salt/crypt.py`: `EX_NOPERM` for a rejected key, 42 for a wrong fingerprint.
    package var exitStatus: Int32? {
        switch self {
        case .rejected: 77
        case .wrongFingerprint: 42
        case .malformedRequest, .pending, .full, .unsupportedAlgorithm, .refused, .noReply, .malformedReply,
            .controllerKeyChanged, .keySignatureMissing, .keySignatureUnexpected, .keySignatureInvalid,
            .invalidSignature, .wrongNonce, .unprovenPublishKey, .wrongToken, .unreadableKeys, .library:
            nil
        }
    }

    /// Whether somebody may be tampering: worth an error in the log and not a mere notice.
    package var isSuspicious: Bool {
        switch self {
        case .controllerKeyChanged, .wrongFingerprint, .keySignatureInvalid, .invalidSignature, .wrongNonce,
            .unprovenPublishKey, .wrongToken:
            true
        case .malformedRequest, .pending, .rejected, .full, .unsupportedAlgorithm, .refused, .noReply, .malformedReply,
            .keySignatureMissing, .keySignatureUnexpected, .unreadableKeys, .library:
            false
        }
    }
}

extension SignInFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedRequest:
            "the sign-in request is incomplete"
        case .pending:
            "the key waits to be accepted: run 'muster keys accept' on the controller"
        case .rejected:
            "the controller rejects this node's key: delete the node's key there, then start the node again"
        case .full:
            "the controller has reached max_minions: raise it or remove nodes"
        case .unsupportedAlgorithm(let text):
            "the controller answers '\(text)': set encryption_algorithm and signing_algorithm to names that it knows"
        case .refused(let text):
            "the controller answers '\(text)': it accepts only other protocol versions, or the message was damaged"
        case .noReply:
            "the controller does not answer: check its address, its port and that it runs"
        case .malformedReply:
            "the reply is not one of a Salt master: check the address and the port"
        case .controllerKeyChanged(let remembered, let received):
            "the controller's key changed from \(remembered) to \(received): if that is intended, remove the remembered key file"
        case .wrongFingerprint(let configured, let received):
            "the controller's key has the fingerprint \(received) and not the configured \(configured): "
                + "correct master_finger, or somebody is in between"
        case .keySignatureMissing:
            "the controller does not sign its key: enable master_sign_pubkey there or disable verify_master_pubkey_sign here"
        case .keySignatureUnexpected:
            "the controller signs its key: enable verify_master_pubkey_sign here or disable master_sign_pubkey there"
        case .keySignatureInvalid:
            "the signature of the controller's key is not by the configured signing key: check master_sign.pub"
        case .invalidSignature:
            "the reply is not signed by the controller's key: somebody may be in between"
        case .wrongNonce:
            "the reply answers another request: somebody may be replaying messages"
        case .unprovenPublishKey:
            "the controller did not vouch for its publish key: somebody may be in between"
        case .wrongToken:
            "the controller did not return our token: it has another key than the one remembered, or somebody is in between"
        case .unreadableKeys:
            "the keys in the reply are not encrypted for this node's key"
        case .library(let error):
            error.description
        }
    }
}
