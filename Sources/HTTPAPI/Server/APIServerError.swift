/// Why the control API does not listen.
package enum APIServerError: Error, Sendable, Hashable {
    case inUse(path: String)
    case notASocket(path: String)
    case pathTooLong(path: String, limitBytes: Int)
    case fileFailure(step: String, path: String, reason: String)
    case cannotListen(path: String, reason: String)
}

extension APIServerError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let path): "another daemon listens at \(path) already: stop it, or give this one another socket"
        case .notASocket(let path): "\(path) is not a socket: move it away, or give the daemon another socket"
        case .pathTooLong(let path, let limit):
            "the socket path \(path) is longer than the \(limit) bytes a unix socket may have: choose a shorter one"
        case .fileFailure(let step, let path, let reason): "cannot \(step) \(path): \(reason)"
        case .cannotListen(let path, let reason): "cannot listen at \(path): \(reason)"
        }
    }
}
