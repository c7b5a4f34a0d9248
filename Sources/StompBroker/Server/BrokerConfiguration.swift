import MusterCore
package import NIOCore
package import STOMP

/// What a broker serves, and to whom.
package struct BrokerConfiguration: Sendable {
    /// The name of the virtual host of clients that name none.
    package static let defaultVirtualHost = "/"

    /// What CONNECTED calls us, as `Muster/0.1.0`.
    package var server: String
    /// The virtual hosts that are always there; that of clients who name none is among them.
    package var virtualHosts: Set<String> = ["/", "mcollective", "/mcollective"]
    /// A user who may do everything, besides those that an administrator makes.
    package var user: ConfiguredUser?
    /// Whether everybody may do everything while there is no user at all: for a broker that only its machine can reach.
    package var isOpenWithoutUsers = false
    /// Where persistent messages are kept; nil keeps them in memory, like all others.
    package var dataDirectory: String?
    /// The file of users, virtual hosts and permissions; without one there are none but the configured.
    package var accountPath: String?
    /// For addresses where TLS is spoken.
    package var certificates: BrokerCertificates?
    package var limits = BrokerLimits()
    package var frameLimits = Limits()
    package var log = DiskLog.Configuration()
    /// The most connections; further ones are closed at once.
    package var maxConnections = 65_536
    /// Whether it is the limit of open files that allows no more, for who asks.
    package var isLimitedByDescriptors = false
    package var heartBeat = HeartBeatOffer(sends: .seconds(10), wants: .seconds(10))
    /// How long clients get to take what they are owed when the broker ends.
    package var grace = TimeAmount.seconds(2)

    package init(server: String) { self.server = server }

    /// One user that settings name.
    package struct ConfiguredUser: Sendable, Hashable {
        package var name: String
        package var password: String

        package init(name: String, password: String) {
            self.name = name
            self.password = password
        }
    }
}
