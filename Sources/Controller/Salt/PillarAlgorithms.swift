import MusterCore
import SaltProtocol

/// Which RSA paddings the node wants in the reply to `_pillar`.
struct PillarAlgorithms: Sendable {
    var encryption: EncryptionAlgorithm
    var signature: SignatureAlgorithm
}

extension RequestEnvelope {
    /// What the envelope names, Salt's defaults where it names none or none that is known.
    func pillarAlgorithms(in frame: RawSpan) -> PillarAlgorithms {
        func text(_ range: Range<Int>?) -> String? {
            range.map { frame.extracting($0).withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
        }
        return PillarAlgorithms(
            encryption: text(encryptionAlgorithm).flatMap(EncryptionAlgorithm.init) ?? .saltDefault,
            signature: text(signatureAlgorithm).flatMap(SignatureAlgorithm.init) ?? .saltDefault)
    }
}
