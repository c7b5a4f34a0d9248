import ArgumentParser
import DaemonSupport
import MusterCore

/// What a broker is run with: a file of settings, and options that win over it.
struct BrokerOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
    var config: String?
    @Option(
        help: ArgumentHelp(
            "Where to listen; may be repeated.", discussion: "Default: 127.0.0.1:61613.", valueName: "host:port"))
    var stomp: [String] = []
    @Option(
        help: ArgumentHelp(
            "Where to listen for clients that speak TLS; may be repeated.",
            discussion: "Default: nowhere. The port is 61614 unless it is given.", valueName: "host:port"))
    var stompTls: [String] = []
    @Option(
        help: ArgumentHelp(
            "The certificate for that, with those between it and its authority, as PEM.", valueName: "file"),
        completion: .file())
    var tlsCertificate: String?
    @Option(help: ArgumentHelp("Its private key, as PEM.", valueName: "file"), completion: .file())
    var tlsKey: String?
    @Option(
        help: ArgumentHelp(
            "Clients must have a certificate that one of these authorities has signed.", valueName: "file"),
        completion: .file())
    var tlsCa: String?
    @Option(
        help: ArgumentHelp(
            "Where persistent messages, users, virtual hosts and permissions are kept.",
            discussion: "Default: messages in memory, like all others, and the rest nowhere.", valueName: "dir"),
        completion: .directory)
    var data: String?
    @Option(
        help: ArgumentHelp(
            "A further virtual host; may be repeated.", discussion: "There are always /, mcollective and /mcollective.",
            valueName: "name"))
    var vhost: [String] = []
    @Option(help: ArgumentHelp("A user who may do everything.", valueName: "name")) var user: String?
    @Option(
        help: ArgumentHelp("The file with that user's password in its first line.", valueName: "file"),
        completion: .file())
    var passwordFile: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting over those of the file; may be repeated.", valueName: "key=value"))
    var settings: [String] = []
    @Option(
        help: ArgumentHelp(
            "What is logged: trace, debug, info, notice, warning, error, critical.", valueName: "level"),
        completion: .list(RoleConfigurationOptions.levels))
    var logLevel: String?

    func validate() throws {
        for text in stomp + stompTls where HostPort(text, defaultPort: BrokerSettings.port) == nil {
            throw ValidationError("'\(text)' is no address: write HOST, HOST:PORT or [ADDRESS]:PORT")
        }
        guard (user == nil) == (passwordFile == nil) else {
            throw ValidationError("--user and --password-file belong together")
        }
        guard stompTls.isEmpty || config != nil || (tlsCertificate != nil && tlsKey != nil) else {
            throw ValidationError("--stomp-tls needs --tls-certificate and --tls-key")
        }
        guard vhost.allSatisfy({ (1...255).contains($0.utf8.count) }) else {
            throw ValidationError("--vhost takes a name of 1 to 255 bytes")
        }
        try RoleConfigurationOptions.checkSettings(settings)
        if let logLevel { try RoleConfigurationOptions.checkLevel(logLevel) }
    }

    /// The options as the executable takes them: settings, by their keys.
    var role: RoleOptions {
        var overrides: ValueMap = [:]
        func set(_ key: String, _ texts: [String]) {
            if !texts.isEmpty { overrides[.string(key)] = .array(texts.map(Value.string)) }
        }
        func set(_ key: String, _ text: String?) {
            if let text { overrides[.string(key)] = .string(text) }
        }
        func setPath(_ key: String, _ path: String?) { set(key, path.map(ConfigurationSource.absolute)) }
        set("listen", stomp)
        set("tls_listen", stompTls)
        setPath("tls_certificate", tlsCertificate)
        setPath("tls_key", tlsKey)
        setPath("tls_client_ca", tlsCa)
        setPath("data_dir", data)
        set("virtual_hosts", vhost)
        set("user", user)
        setPath("password_file", passwordFile)
        for entry in RoleConfigurationOptions.values(settings) { overrides[entry.key] = entry.value }
        return RoleOptions(configuration: config, overrides: overrides, logLevel: logLevel)
    }
}
