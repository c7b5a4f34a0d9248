package import MusterCore
package import STOMP

/// What a user may not do, and which permission is missing.
package struct AccessDenial: Sendable, Hashable {
    package var user: String
    package var virtualHost: String
    package var use: DestinationUse
    package var destination: Destination
    /// The permission that is missing, and the name that its expression does not match.
    package var permission: BrokerPermissionKind
    package var name: String

    package init(
        user: String, virtualHost: String, use: DestinationUse, destination: Destination,
        permission: BrokerPermissionKind, name: String
    ) {
        self.user = user
        self.virtualHost = virtualHost
        self.use = use
        self.destination = destination
        self.permission = permission
        self.name = name
    }
}

extension AccessDenial: CustomStringConvertible {
    package var description: String {
        let verb = use == .send ? "SEND to" : "SUBSCRIBE to"
        return "user '\(user)' may not \(verb) '\(destination.text)' in virtual host '\(virtualHost)': its "
            + "\(permission.rawValue) permission does not match '\(name)'. An administrator changes that on the broker's machine with: "
            + "muster broker permissions set '\(user)' --vhost '\(virtualHost)' --\(permission.rawValue) REGEX"
    }
}
