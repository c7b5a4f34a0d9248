package import MessagePack
package import MusterCore

/// The node's side of the sign-in with one controller: builds requests, verifies replies, says what to do next.
///
///     idle --started--> awaiting reply --received / timedOut--> idle (retry, stop) | signed in --started--> …
///
/// Holds no socket, clock or file: the caller sends, waits the time an action names, and stores the controller's key. May be
/// used again and again: rotation of keys at the controller means signing in once more. Verifying a reply takes about 1 ms.
///
/// Nothing in a reply is believed, and no key stored, before all checks of it have passed; Salt stores first.
///
/// Source: Salt 3008, `salt/crypt.py`, `AsyncAuth.handle_signin_response` and `verify_master`.
package struct SignInClient: Sendable {
    /// What the caller must do.
    package enum Action: Sendable, Equatable {
        /// Send on the request port and await the reply.
        case send([UInt8])
        /// The node is in. Store the controller's key first if one is named.
        case establish(SignInSession, storing: PublicKey?)
        /// Start again after this time.
        case retry(after: Duration, SignInFailure)
        /// Give up this controller; `exitStatus` of the failure is what Salt would end with.
        case stop(SignInFailure)
        /// Nothing: a reply to no request.
        case ignore
    }

    private enum State: Sendable {
        case idle
        case awaitingReply(Nonce, sentToken: Bool)
    }

    let configuration: Configuration
    let token: [UInt8]
    private var state = State.idle
    private var wait: Duration
    /// The controller's key as remembered, nil before the first contact.
    package private(set) var controllerKey: PublicKey?

    /// A client that has not begun.
    ///
    /// - Parameters:
    ///   - controllerKey: What is stored of an earlier contact.
    ///   - token: A random secret of this process, by whose return the controller proves to have its key.
    package init(_ configuration: Configuration, controllerKey: PublicKey?, token: KeyString) {
        self.configuration = configuration
        self.controllerKey = controllerKey
        self.token = token.ascii
        wait = configuration.retryInterval
    }

    /// A sign-in begins, the first or another.
    ///
    /// - Parameter nonce: A fresh one for each attempt.
    package mutating func started(nonce: Nonce) -> Action {
        do throws(CryptographyError) {
            let sealedToken: [UInt8]? =
                if let controllerKey { try controllerKey.encrypt(token, using: configuration.encryption) } else { nil }
            let request = SignInRequest(
                id: configuration.id.text, nonce: nonce, encryption: configuration.encryption,
                signature: configuration.signature, token: sealedToken, publicKey: configuration.key.publicKey)
            state = .awaitingReply(nonce, sentToken: sealedToken != nil)
            return .send(request.encoded(autosignGrains: configuration.autosignGrains))
        } catch {
            state = .idle
            return retry(.library(error))
        }
    }

    /// The reply came.
    package mutating func received(_ reply: RawSpan) -> Action {
        guard case .awaitingReply(let nonce, let sentToken) = state else { return .ignore }
        state = .idle
        do throws(SignInFailure) {
            let (session, isNew) = try verify(reply, nonce, sentToken: sentToken)
            controllerKey = session.controllerKey
            wait = configuration.retryInterval
            return .establish(session, storing: isNew ? session.controllerKey : nil)
        } catch {
            return action(after: error)
        }
    }

    /// The reply came.
    package mutating func received(_ reply: [UInt8]) -> Action { received(reply.span.bytes) }

    /// No reply came in time.
    package mutating func timedOut() -> Action {
        guard case .awaitingReply = state else { return .ignore }
        state = .idle
        return retry(.noReply)
    }

    private mutating func action(after failure: SignInFailure) -> Action {
        if failure == .rejected, configuration.retriesWhenRejected { return retry(failure) }
        return failure.exitStatus == nil ? retry(failure) : .stop(failure)
    }

    /// Waits grow by the interval with each attempt, up to the longest.
    private mutating func retry(_ failure: SignInFailure) -> Action {
        defer { wait = min(wait + configuration.retryInterval, max(configuration.longestRetry, wait)) }
        return .retry(after: wait, failure)
    }
}

extension SignInClient {
    /// How a node signs in; `nil` and empty values stand for Salt's defaults.
    package struct Configuration: Sendable {
        /// The node's id.
        package var id: NodeID
        /// The node's key pair.
        package var key: PrivateKey
        /// `encryption_algorithm`.
        package var encryption = EncryptionAlgorithm.saltDefault
        /// `signing_algorithm`.
        package var signature = SignatureAlgorithm.saltDefault
        /// `verify_master_pubkey_sign`: the content of `master_sign.pub`; nil: not verified.
        package var keySigner: PublicKey?
        /// `always_verify_signature`: also when the controller's key is the remembered one.
        package var alwaysVerifiesKeySignature = false
        /// `master_finger` (a relay: `syndic_finger`).
        package var fingerprint: String?
        /// `hash_type`, for the fingerprint.
        package var fingerprintAlgorithm = DigestAlgorithm.sha256
        /// `rejected_retry`: go on asking although rejected.
        package var retriesWhenRejected = false
        /// `acceptance_wait_time`.
        package var retryInterval = Duration.seconds(10)
        /// `acceptance_wait_time_max`; waits do not grow when it is not above the interval.
        package var longestRetry = Duration.zero
        /// `autosign_grains` with their values; nil: not sent.
        package var autosignGrains: [MessagePackValue.Entry]?

        package init(id: NodeID, key: PrivateKey) {
            self.id = id
            self.key = key
        }
    }
}

/// What a node has when it is signed in.
package struct SignInSession: Sendable, Equatable {
    /// Opens publishes.
    package let publishKey: KeyString
    /// Seals requests and opens their replies.
    package let sessionKey: KeyString
    /// Where to subscribe.
    package let publishPort: UInt16
    /// Verifies publishes and pillars.
    package let controllerKey: PublicKey
}
