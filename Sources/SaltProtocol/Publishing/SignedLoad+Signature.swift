/// Making and checking the signature of requests (`minion_sign_messages`).
extension SignedLoad {
    /// What a load says about its signature.
    package enum Verdict: Equatable, Sendable {
        case valid
        /// There is none: for `require_minion_sign_messages` to judge.
        case unsigned
        /// It is not by this key over this load, or the load cannot be read: for `drop_messages_signature_fail` to judge.
        case invalid
    }

    /// Judges an opened load; costs one public operation and a tree of the load.
    ///
    /// - Parameters:
    ///   - opened: As it came out of its container.
    ///   - node: The accepted key of the node that sent it.
    ///   - algorithm: The controller's own `signing_algorithm`.
    package static func verdict(
        on opened: RawSpan, by node: PublicKey, using algorithm: SignatureAlgorithm
    ) -> Verdict {
        do throws(RequestRefusal) {
            guard let signature = try RequestLoad(opened).signature else { return .unsigned }
            do throws(MessageError) {
                let content = try content(of: opened)
                return node.isValid(opened.extracting(signature), over: content.span.bytes, using: algorithm)
                    ? .valid : .invalid
            } catch {
                return .invalid
            }
        } catch {
            return .invalid
        }
    }

    /// The signature for a load that is encoded already, whatever it has of `nonce`, `tok` and `sig`; one private operation.
    package static func signature(
        for opened: RawSpan, by node: PrivateKey, using algorithm: SignatureAlgorithm
    ) throws(MessageError) -> [UInt8] {
        let content = try content(of: opened)
        do throws(CryptographyError) {
            return try node.sign(content, using: algorithm)
        } catch {
            throw .invalidField("sig")
        }
    }
}
