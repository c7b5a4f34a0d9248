import MusterCore

// The checks of a reply, in their order. Algorithms are always our own, never those a reply names.
extension SignInClient {
    /// Verifies everything; the session and whether the controller's key must be stored.
    func verify(
        _ reply: RawSpan, _ nonce: Nonce, sentToken: Bool
    ) throws(SignInFailure) -> (SignInSession, isNew: Bool) {
        let (bytes, signature) = try signedPart(of: reply)
        guard let load = SignInReplyLoad(bytes) else { throw .malformedReply }
        let key = try trustedKey(for: load)
        if let key, !key.isValid(signature, over: bytes, using: configuration.signature) { throw .invalidSignature }
        guard load.nonce == nonce else { throw .wrongNonce }
        switch load.verdict {
        case .rejected: throw .rejected
        case .full: throw .full
        case .pending: throw .pending
        case nil: break
        }
        guard let key, load.controllerKey != nil else { throw .malformedReply }
        // A token was made for the remembered key; the owner of a new one, whom the signing key vouches for, cannot read it.
        let isNew = key != controllerKey
        let session = try openKeys(of: load, from: key, sentToken: sentToken && !isNew)
        return (session, isNew)
    }

    private func signedPart(of reply: RawSpan) throws(SignInFailure) -> (load: [UInt8], signature: [UInt8]) {
        switch SignInReply(reply) {
        case .signed(let load, let signature): return (load, signature)
        case .unsigned(let text) where text == "bad enc algo" || text == "bad sig algo":
            throw .unsupportedAlgorithm(text)
        case .unsigned, nil: throw .malformedReply
        case .text(let text): throw .refused(text)
        }
    }

    /// The key that the reply must be signed with; nil when it names none and none is remembered (a first contact that is
    /// turned away cannot be verified).
    private func trustedKey(for load: SignInReplyLoad) throws(SignInFailure) -> PublicKey? {
        guard let text = load.controllerKey else { return controllerKey }
        // What is wrong with a key that cannot be read does not matter here.
        guard let offered = try? PublicKey(pem: text) else { throw .malformedReply }
        let isChanged = controllerKey.map { $0 != offered } ?? true
        try checkSignature(ofKey: text, load.keySignature, isChanged: isChanged)
        if let controllerKey, isChanged, configuration.keySigner == nil {
            throw .controllerKeyChanged(remembered: fingerprint(controllerKey), received: fingerprint(offered))
        }
        try checkFingerprint(of: offered)
        return offered
    }

    /// Both sides must agree on whether the key is signed, else one of them is not what its operator thinks.
    private func checkSignature(
        ofKey text: String, _ signature: [UInt8]?, isChanged: Bool
    ) throws(SignInFailure) {
        switch (configuration.keySigner, signature) {
        case (nil, nil): return
        case (nil, _?): throw .keySignatureUnexpected
        case (_?, nil): throw .keySignatureMissing
        case (let signer?, let signature?):
            guard isChanged || configuration.alwaysVerifiesKeySignature else { return }
            guard let raw = Base64.decode(signature),
                signer.isValid(raw, over: Array(text.utf8), using: configuration.signature)
            else { throw .keySignatureInvalid }
        }
    }

    /// Compares with the configured fingerprint; both generations of Salt's fingerprints bind the whole key, so any will do.
    private func checkFingerprint(of key: PublicKey) throws(SignInFailure) {
        guard let configured = configuration.fingerprint, !configured.isEmpty else { return }
        guard try acceptedFingerprints(of: key).contains(configured.lowercased()) else {
            throw .wrongFingerprint(configured: configured, received: fingerprint(key))
        }
    }

    private func acceptedFingerprints(of key: PublicKey) throws(SignInFailure) -> [String] {
        let algorithm = configuration.fingerprintAlgorithm
        do throws(CryptographyError) {
            return [
                try key.fingerprint(using: algorithm),
                try PEM.fingerprint(of: key.pem, using: algorithm, scope: .wholeText),
                try PEM.fingerprint(of: key.pem + "\n", using: algorithm, scope: .wholeText),
            ]
        } catch {
            throw .library(error)
        }
    }

    private func fingerprint(_ key: PublicKey) -> String {
        // Only for a message; fails where the library refuses the hash.
        (try? key.fingerprint(using: configuration.fingerprintAlgorithm)) ?? "?"
    }

    private func openKeys(
        of load: SignInReplyLoad, from controller: PublicKey, sentToken: Bool
    ) throws(SignInFailure) -> SignInSession {
        guard let port = load.publishPort.flatMap({ UInt16(exactly: $0) }), port > 0, let publishKey = load.publishKey,
            let sessionKey = load.sessionKey, let voucher = load.voucher
        else { throw .malformedReply }
        let clear = try decrypt(publishKey)
        guard try isVouchedFor(clear, by: voucher, of: controller) else { throw .unprovenPublishKey }
        // `auth_mode` 2 puts the token behind the key, in one text.
        let parts = SignInClient.split(clear)
        if sentToken {
            let returned: [UInt8]? =
                if let token = parts.token { token } else if let sealed = load.token { try decrypt(sealed) } else {
                    nil
                }
            guard let returned, ConstantTime.areEqual(returned, token) else { throw .wrongToken }
        }
        return SignInSession(
            publishKey: try keyString(parts.key), sessionKey: try keyString(try decrypt(sessionKey)), publishPort: port,
            controllerKey: controller)
    }

    private func isVouchedFor(
        _ clear: [UInt8], by voucher: [UInt8], of controller: PublicKey
    ) throws(SignInFailure) -> Bool {
        do throws(CryptographyError) {
            return try controller.recover(voucher) == VouchedPublishKey.digest(of: clear)
        } catch {
            throw .library(error)
        }
    }

    private func decrypt(_ cipherText: [UInt8]) throws(SignInFailure) -> [UInt8] {
        do throws(CryptographyError) {
            return try configuration.key.decrypt(cipherText, using: configuration.encryption)
        } catch .decryptionFailed {
            throw .unreadableKeys
        } catch {
            throw .library(error)
        }
    }

    private func keyString(_ ascii: [UInt8]) throws(SignInFailure) -> KeyString {
        do throws(CryptographyError) { return try KeyString(ascii: ascii) } catch { throw .unreadableKeys }
    }

    private static func split(_ clear: [UInt8]) -> (key: [UInt8], token: [UInt8]?) {
        let separator = Array("_|-".utf8)
        let end = KeyString.characterCount
        guard clear.count > end + separator.count, Array(clear[end..<(end + separator.count)]) == separator else {
            return (clear, nil)
        }
        return (Array(clear[..<end]), Array(clear[(end + separator.count)...]))
    }
}
