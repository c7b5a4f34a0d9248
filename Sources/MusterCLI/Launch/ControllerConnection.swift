import HTTPAPI
import MusterCore

/// How a command reaches its controller: through the control socket that options, environment or configuration name.
enum ControllerConnection {
    /// A client for the controller at a location; it connects with its first call.
    ///
    /// The socket is the one given, else that of the configuration given, else MUSTER_SOCKET, else that of the usual
    /// configuration.
    ///
    /// - Parameter configured: the socket that a configuration file, a directory of Salt's or the usual file names.
    static func client(
        at location: ControllerLocation, environment: String?,
        configured: (ControllerLocation) throws -> String
    ) rethrows -> ControllerClient {
        let hasConfiguration = location.configuration != nil || location.saltConfiguration != nil
        let path: String
        if let socket = location.socket {
            path = socket
        } else if !hasConfiguration, let environment {
            path = environment
        } else {
            path = try configured(location)
        }
        return ControllerClient(socketPath: path)
    }
}

extension ClientError: ExitStatusProviding {
    var exitStatus: ExitStatus {
        switch self {
        case .noSocket, .notListening, .permissionDenied, .pathTooLong, .cannotConnect, .connectionLost, .silent:
            .unreachable
        case .invalidAnswer, .refused: .failure
        }
    }
}
