/// Why a node does not run what was published.
package enum PublishRefusal: Error, Equatable, Sendable {
    /// No publish at all.
    case malformed
    /// The controller does not sign, or names no algorithm that we know.
    case unsigned
    /// Signed with a weaker algorithm than configured.
    case weakAlgorithm(SignatureAlgorithm)
    /// Not signed by the controller.
    case invalidSignature
    /// Sealed with a key that is not the present one, also after signing in again.
    case wrongKey
    /// Sealed with the right key and broken inside.
    case unreadable(ContainerError)
    /// The load has no serial.
    case noSerial
    /// The serial is not greater than the last: sent again by somebody, or overtaken by a later one.
    case replayed(serial: Int64, last: Int64)
    /// More publishes than are kept while a sign-in is under way.
    case tooManyWaiting
}

extension PublishRefusal {
    /// Whether somebody may be tampering: worth an error in the log and not a mere notice.
    package var isSuspicious: Bool {
        switch self {
        case .weakAlgorithm, .invalidSignature, .replayed: true
        case .malformed, .unsigned, .wrongKey, .unreadable, .noSerial, .tooManyWaiting: false
        }
    }
}

extension PublishRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed:
            "the publish is not of the form that a Salt master sends"
        case .unsigned:
            "the publish is not signed: enable sign_pub_messages on the controller"
        case .weakAlgorithm(let algorithm):
            "the publish is signed with \(algorithm.rawValue), weaker than configured: set publish_signing_algorithm on the controller"
        case .invalidSignature:
            "the publish is not signed by the controller: somebody may be forging jobs"
        case .wrongKey:
            "the publish is sealed with a key that the controller does not hand out: an old one sent again, perhaps"
        case .unreadable(let error):
            "the publish cannot be opened: \(error)"
        case .noSerial:
            "the publish has no serial: it could be repeated by anybody"
        case .replayed(let serial, let last):
            "the publish has serial \(serial) after \(last): somebody may be replaying jobs"
        case .tooManyWaiting:
            "too many publishes came while signing in again: this one is lost"
        }
    }
}
