import MusterCore

/// How a broker is run: `broker.yaml`.
package struct BrokerSettings: SettingsFile {
    // Listening

    /// `HOST`, `HOST:PORT` or `[ADDRESS]:PORT`.
    package var listen = ["127.0.0.1"]
    /// The same, for clients that speak TLS.
    package var tlsListen: [String] = []
    package var tlsCertificate: String?
    package var tlsKey: String?
    /// Who must have signed clients' certificates; nil asks for none.
    package var tlsClientCA: String?
    /// The unix socket of the control API; nil for the usual one.
    package var controlSocket: String?
    private let usualSocket: String
    package var maxConnections = 65_536
    package var heartBeat = Duration.seconds(10)

    // Files

    /// Messages, users, virtual hosts and permissions; nil keeps messages in memory and the rest not at all.
    package var dataDirectory: String?

    // Who is let in

    package var virtualHosts: [String] = []
    package var user: String?
    package var passwordFile: String?

    // Limits, of each virtual host

    package var maxQueueMessages = 1_000_000
    package var maxQueueBytes = 256 << 20
    package var maxStoredBytes = 1 << 30
    package var maxQueues = 100_000
    package var maxBacklogMessages = 10_000
    package var maxBacklogBytes = 16 << 20
    package var maxBacklogsBytes = 256 << 20
    package var maxTransactionBytes = 16 << 20
    package var maxTransactionsBytes = 256 << 20
    package var maxLogBytes = 4 << 30

    // Limits, of each client

    package var maxMessageBytes = 64 << 20
    package var maxSubscriptions = 4096
    package var prefetch = 1000
    package var maxRedeliveries = 10
    package var deadLetterQueue = "DLQ"

    package var logLevel = LogLevelName.info
    package var shutdownGrace = Duration.seconds(2)

    package init(_ directories: Directories) { usualSocket = directories.runtime + "/broker.sock" }

    package static let fileName = "broker.yaml"
    package static let saltRole: SaltRole? = nil
    /// STOMP's own port, and RabbitMQ's for STOMP with TLS.
    package static let (port, tlsPort) = (61_613, 61_614)

    /// The unix socket of the control API.
    package var socketPath: String { controlSocket ?? usualSocket }

    /// Where to listen. Complete after `load`, which refuses what cannot be read.
    package var addresses: [HostPort] { listen.compactMap { HostPort($0, defaultPort: BrokerSettings.port) } }
    package var tlsAddresses: [HostPort] { tlsListen.compactMap { HostPort($0, defaultPort: BrokerSettings.tlsPort) } }

    package mutating func complete() {}

    package func contradictions() -> [(keys: [String], reason: String)] {
        var found: [(keys: [String], reason: String)] = []
        if listen.isEmpty && tlsListen.isEmpty {
            found.append(
                (["listen", "tls_listen"], "no address is given: '127.0.0.1' is this machine, '0.0.0.0' all of IPv4"))
        }
        for (key, texts) in [("listen", listen), ("tls_listen", tlsListen)] {
            for text in texts where HostPort(text, defaultPort: BrokerSettings.port) == nil {
                found.append(([key], "'\(text)' is no address: write HOST, HOST:PORT or [ADDRESS]:PORT"))
            }
        }
        if !tlsListen.isEmpty, tlsCertificate == nil || tlsKey == nil {
            found.append((["tls_listen"], "it needs tls_certificate and tls_key"))
        }
        if (user == nil) != (passwordFile == nil) {
            found.append((["user", "password_file"], "user and password_file belong together"))
        }
        for name in virtualHosts where !(1...255).contains(name.utf8.count) {
            found.append((["virtual_hosts"], "a name has 1 to 255 bytes"))
        }
        let open = (addresses + tlsAddresses).first { !$0.isLoopback }
        if let open, user == nil, dataDirectory == nil {
            found.append(
                (
                    ["listen", "tls_listen"],
                    "\(open.host) can be reached from other machines: set user and password_file, or data_dir and make users "
                        + "with 'muster broker users add', or listen at 127.0.0.1 only"
                ))
        }
        // The kernel's limit for the path of a unix socket, with its closing NUL.
        if socketPath.utf8.count > 107 {
            found.append(
                (
                    ["control_socket"],
                    "'\(socketPath)' is longer than the 107 bytes a socket may have: set a shorter one"
                ))
        }
        return found
    }
}
