import HTTPAPI
import MusterCore

/// How a command reaches its broker: through the control socket that options, environment or configuration name.
enum BrokerConnection {
    /// A client for the broker at a location; it connects with its first call.
    ///
    /// The socket is the one given, else that of the configuration given, else MUSTER_BROKER_SOCKET, else that of the usual
    /// configuration.
    static func client(
        at location: BrokerLocation, environment: String?, configured: (BrokerLocation) throws -> String
    ) rethrows -> BrokerClient {
        if let socket = location.socket { return BrokerClient(socketPath: socket) }
        if location.configuration == nil, let environment { return BrokerClient(socketPath: environment) }
        return BrokerClient(socketPath: try configured(location))
    }
}
