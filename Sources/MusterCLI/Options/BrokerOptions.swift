import ArgumentParser
import DaemonSupport

/// Where a broker listens, what it has, and who may use it.
struct BrokerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where to listen; may be repeated.", discussion: "Default: 127.0.0.1:61613.", valueName: "host:port"))
    var stomp: [String] = []
    @Option(
        help: ArgumentHelp(
            "Where persistent messages are kept.", discussion: "Default: in memory, like all others.",
            valueName: "dir"), completion: .directory)
    var data: String?
    @Option(
        help: ArgumentHelp(
            "A further virtual host; may be repeated.", discussion: "There are always /, mcollective and /mcollective.",
            valueName: "name"))
    var vhost: [String] = []
    @Option(help: ArgumentHelp("The one user who is let in.", valueName: "name")) var user: String?
    @Option(
        help: ArgumentHelp("The file with the user's password in its first line.", valueName: "file"),
        completion: .file())
    var passwordFile: String?
    @Option(
        help: ArgumentHelp(
            "What is logged: trace, debug, info, notice, warning, error, critical.", valueName: "level"),
        completion: .list(RoleConfigurationOptions.levels))
    var logLevel: String?

    private static let defaultPort = 61_613

    func validate() throws {
        for text in stomp where HostPort(text, defaultPort: Self.defaultPort) == nil {
            throw ValidationError("'\(text)' is no address: write HOST, HOST:PORT or [ADDRESS]:PORT")
        }
        guard (user == nil) == (passwordFile == nil) else {
            throw ValidationError("--user and --password-file belong together")
        }
        guard vhost.allSatisfy({ (1...255).contains($0.utf8.count) }) else {
            throw ValidationError("--vhost takes a name of 1 to 255 bytes")
        }
        if let logLevel { try RoleConfigurationOptions.checkLevel(logLevel) }
    }

    /// The options as the executable takes them.
    var role: BrokerRoleOptions {
        let places = stomp.isEmpty ? ["127.0.0.1"] : stomp
        return BrokerRoleOptions(
            addresses: places.compactMap { HostPort($0, defaultPort: Self.defaultPort) }, virtualHosts: vhost,
            dataDirectory: data, user: user, passwordFile: passwordFile, logLevel: logLevel)
    }
}
