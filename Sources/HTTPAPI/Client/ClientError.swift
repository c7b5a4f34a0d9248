/// Why a call did not get an answer of the controller. What the controller itself refuses is a `ControllerError`.
package enum ClientError: Error, Sendable, Hashable {
    /// There is no socket file.
    case noSocket(path: String)
    /// There is a socket file and nobody listens.
    case notListening(path: String)
    case permissionDenied(path: String)
    case pathTooLong(path: String)
    case cannotConnect(path: String, reason: String)
    /// The controller closed the connection before the answer was complete.
    case connectionLost(path: String)
    /// Nothing came for this long, not even a sign of life.
    case silent(path: String, after: Duration)
    /// The answer is no HTTP, no JSON, or not of the expected shape.
    case invalidAnswer(path: String, reason: String)
    /// The API refused the request itself; the code is one of docs/api.md.
    case refused(status: Int, code: String, message: String)
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noSocket(let path):
            "there is no control socket at \(path): is the daemon running ('muster serve controller', 'muster serve broker'), "
                + "and with this socket path?"
        case .notListening(let path):
            "nobody listens at the control socket \(path): the daemon is not running, start it with "
                + "'muster serve controller' or 'muster serve broker'"
        case .permissionDenied(let path):
            "no permission for the control socket \(path): it belongs to the user the daemon runs as; become that user, "
                + "or root with sudo"
        case .pathTooLong(let path): "the socket path \(path) is longer than a unix socket path may be"
        case .cannotConnect(let path, let reason): "cannot connect to the control socket \(path): \(reason)"
        case .connectionLost(let path):
            "the daemon at \(path) closed the connection before its answer was complete: it stopped or crashed, its log "
                + "says why"
        case .silent(let path, let duration):
            "the daemon at \(path) said nothing for \(duration.components.seconds) s: it hangs or is overloaded, its log "
                + "may say why"
        case .invalidAnswer(let path, let reason):
            "the answer at \(path) cannot be read: \(reason); do this program and the daemon have the same version?"
        case .refused(_, _, let message): message
        }
    }
}
