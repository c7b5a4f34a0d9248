package import SaltProtocol

/// Why a node does not start, or stops by itself.
package enum NodeError: Error, Sendable {
    /// There is no master to belong to.
    case noMasters
    /// A key file that cannot be used.
    case keyFile(path: String, reason: String)
    /// A master that will not have the node, or that the node must not trust.
    case stopped(master: String, SignInFailure, keyFile: String)
    /// A master answered something that a master does not answer.
    case unexpectedReply(master: String, reason: String)
}

extension NodeError {
    /// The status to exit with: Salt's where it has one, 78 for what is wrong in the configuration.
    package var exitStatus: Int32 {
        switch self {
        case .stopped(_, let failure, _): failure.exitStatus ?? 1
        case .noMasters, .keyFile: 78
        case .unexpectedReply: 1
        }
    }
}

extension NodeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noMasters: "no master is configured: set 'master' to a host name or an address"
        case .keyFile(let path, let reason): "the key file '\(path)' cannot be used: \(reason)"
        case .stopped(let master, let failure, let keyFile):
            switch failure {
            case .controllerKeyChanged: "master \(master): \(failure) '\(keyFile)'"
            default: "master \(master): \(failure)"
            }
        case .unexpectedReply(let master, let reason): "master \(master): \(reason)"
        }
    }
}
