package import NIOCore
package import STOMP

/// What a broker serves, and to whom.
package struct BrokerConfiguration: Sendable {
    /// The name of the virtual host of clients that name none.
    package static let defaultVirtualHost = "/"

    /// What CONNECTED calls us, as `Muster/0.1.0`.
    package var server: String
    /// The virtual hosts; that of clients who name none is always there.
    package var virtualHosts: Set<String> = ["/", "mcollective", "/mcollective"]
    package var users: any UserDirectory
    /// Where persistent messages are kept; nil keeps them in memory, like all others.
    package var dataDirectory: String?
    package var limits = BrokerLimits()
    package var frameLimits = Limits()
    package var log = DiskLog.Configuration()
    /// The most connections; further ones are closed at once.
    package var maxConnections = 65_536
    package var heartBeat = HeartBeatOffer(sends: .seconds(10), wants: .seconds(10))
    /// How long clients get to take what they are owed when the broker ends.
    package var grace = TimeAmount.seconds(2)

    package init(server: String, users: any UserDirectory) {
        self.server = server
        self.users = users
    }

    /// The virtual host that a client means; nil when there is none of that name.
    ///
    /// Names that begin with a slash are virtual hosts, as with RabbitMQ. Any other that is not known is what the client
    /// calls this broker (STOMP 1.1; stomp.py, ActiveMQ's clients), and means the usual one.
    func virtualHost(for name: String?) -> String? {
        guard let name, !name.isEmpty else { return BrokerConfiguration.defaultVirtualHost }
        if virtualHosts.contains(name) { return name }
        return name.hasPrefix("/") && name != BrokerConfiguration.defaultVirtualHost
            ? nil : BrokerConfiguration.defaultVirtualHost
    }
}
