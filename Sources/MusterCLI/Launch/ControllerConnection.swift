import HTTPAPI
import MusterCore

/// How a command reaches its controller: through the control socket that options, environment or configuration name.
enum ControllerConnection {
    /// The socket of a controller that is configured nowhere.
    static let defaultSocket = "/run/muster/controller.sock"

    /// A client for the controller at a location; it connects with its first call.
    ///
    /// The socket is the one given, else that of the configuration given, else MUSTER_SOCKET, else the default one.
    ///
    /// - Parameter configured: the socket that a configuration file or a directory of Salt's names.
    static func client(
        at location: ControllerLocation, environment: String?,
        configured: (ControllerLocation) throws -> String?
    ) rethrows -> ControllerClient {
        let path = try location.socket ?? configured(location) ?? environment ?? defaultSocket
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
