package import MusterCore

/// The controller's side of the sign-in: what to answer, what to store, what to tell.
///
/// Decides without keys or clock (`decide`), and does the RSA work apart (`encode`), so that deciding can run where
/// the key store is owned and encoding on a thread pool: a grant costs one or two private operations, a refusal one.
///
/// Source: `docs/protocols`, Salt sign-in; Salt 3008, `salt/master.py`, `AuthFuncs`.
package struct SignInServer: Sendable {
    let identity: ControllerIdentity

    package init(_ identity: ControllerIdentity) { self.identity = identity }

    /// Judges a request. Nothing is stored and nobody is told by this: the decision says what the caller must do, the
    /// change before the answer is sent.
    ///
    /// - Parameter standing: Looks up what is known about the id; not called for an id that is not valid.
    /// - Throws: What looking up throws.
    package func decide(
        _ request: SignInRequest, standing lookUp: (NodeID) throws -> KeyStanding
    ) rethrows -> SignInDecision {
        guard let signature = SignatureAlgorithm(rawValue: request.signature) else {
            return SignInDecision(.refuse(.unknownSignatureAlgorithm))
        }
        guard let encryption = EncryptionAlgorithm(rawValue: request.encryption) else {
            return SignInDecision(.refuse(.unknownEncryptionAlgorithm))
        }
        let refusal = SignInRefusal.signed(.rejected, request.nonce, signature)
        // A key that cannot be read is refused whatever is wrong with it.
        guard let id = NodeID(request.id), let key = try? PublicKey(pem: request.publicKey) else {
            return SignInDecision(.refuse(refusal))
        }
        let verdict = KeyVerdict(offered: key, standing: try lookUp(id))
        let grant = SignInGrant(
            id: id, key: key, nonce: request.nonce, token: request.token, encryption: encryption, signature: signature)
        func decision(_ answer: SignInDecision.Answer, _ act: SignInEvent.Act, _ change: KeyStoreChange? = nil)
            -> SignInDecision
        {
            let event = SignInEvent(id: id, key: key, act: act)
            return SignInDecision(answer, node: id, verdict: verdict, event: event, change: change)
        }
        let pending = SignInRefusal.signed(.pending, request.nonce, signature)
        switch verdict {
        case .known: return decision(.grant(grant), .accept)
        case .autosigned(let reason):
            return decision(.grant(grant), .accept, .accept(key, usesUpStub: reason == .stub))
        case .overwritten: return decision(.grant(grant), .accept, .accept(key, usesUpStub: false))
        case .newlyPending: return decision(.refuse(pending), .pend, .pend(key))
        case .stillPending: return decision(.refuse(pending), .pend)
        case .rejected: return decision(.refuse(refusal), .reject)
        case .autorejected: return decision(.refuse(refusal), .reject, .reject(key))
        case .denied: return decision(.refuse(refusal), .denied, .deny(key))
        case .full, .crowded: return decision(.refuse(.signed(.full, request.nonce, signature)), .full)
        case .storedKeyUnreadable: return decision(.refuse(refusal), .error)
        }
    }
}

/// Who the controller is to its nodes.
package struct ControllerIdentity: Sendable {
    /// What `master_sign_pubkey` adds to a grant.
    package enum KeySignature: Sendable {
        /// The separate signing key signs the public key anew for each grant.
        case made(by: PrivateKey)
        /// The content of the signature file, base64 (`master_use_pubkey_signature`).
        case stored(String)
    }

    /// The controller's key pair.
    package let key: PrivateKey
    /// Where nodes subscribe.
    package let publishPort: UInt16
    /// Nil unless `master_sign_pubkey`.
    package let keySignature: KeySignature?

    package init(key: PrivateKey, publishPort: UInt16, keySignature: KeySignature? = nil) {
        self.key = key
        self.publishPort = publishPort
        self.keySignature = keySignature
    }
}

/// What follows from one sign-in request.
package struct SignInDecision: Sendable {
    /// What the node gets.
    package enum Answer: Sendable, Equatable {
        case grant(SignInGrant)
        case refuse(SignInRefusal)
    }

    package var answer: Answer
    /// Nil when the id or the key is not valid.
    package var node: NodeID?
    /// Nil when it did not come to a judgement.
    package var verdict: KeyVerdict?
    /// What to tell, if `auth_events` is on.
    package var event: SignInEvent?
    /// What to do in the key store first.
    package var change: KeyStoreChange?

    init(
        _ answer: Answer, node: NodeID? = nil, verdict: KeyVerdict? = nil, event: SignInEvent? = nil,
        change: KeyStoreChange? = nil
    ) {
        self.answer = answer
        self.node = node
        self.verdict = verdict
        self.event = event
        self.change = change
    }
}

/// A change of the key store that a sign-in makes.
package enum KeyStoreChange: Sendable, Equatable {
    /// Store as accepted, whatever was there; remove `minions_autosign/ID` too when it was used.
    case accept(PublicKey, usesUpStub: Bool)
    /// Store as pending.
    case pend(PublicKey)
    /// Store as rejected, and remove it from pending.
    case reject(PublicKey)
    /// Add to the denied keys of the id unless it is there; leave the stored key alone.
    case deny(PublicKey)
}

/// What the event `salt/auth` tells.
package struct SignInEvent: Sendable, Equatable {
    /// The field `act`.
    package enum Act: String, Sendable {
        case accept, pend, reject, denied, full, error
    }

    package var id: NodeID
    package var key: PublicKey
    package var act: Act

    /// The event of the controller's bus.
    package func event(at time: Timestamp) -> Event {
        let isGood = act == .accept || act == .pend
        return Event(
            tag: "salt/auth", time: time,
            data: [
                "result": .bool(isGood), "act": .string(act.rawValue), "id": .string(id.text), "pub": .string(key.pem),
            ])
    }
}
