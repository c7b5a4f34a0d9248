/// The options of one connector, while they are read.
struct PoolOptions {
    private let connector: Connector
    private let values: [String: String]
    private let environment: [String: String]
    private(set) var problems: [ConfigurationProblem] = []

    init(_ configuration: CollectiveConfiguration, _ environment: [String: String]) {
        connector = configuration.connector
        self.environment = environment
        values = configuration.plugins
    }

    // MARK: Brokers

    /// `pool.size`, and `pool.1.host` and so on.
    mutating func brokers() -> [BrokerPool.Broker] {
        guard let size = count("pool.size") else {
            if text("pool.size") == nil { report("pool.size", .missing) }
            return []
        }
        return (1...max(1, min(size, 1000))).compactMap { number in
            guard size > 0 else { return nil }
            let prefix = "pool.\(number)."
            guard let host = text("\(prefix)host") else {
                report("\(prefix)host", .missing)
                return nil
            }
            var broker = BrokerPool.Broker(host: host, port: port("\(prefix)port") ?? 61613)
            broker.user = environment["STOMP_USER"] ?? text("\(prefix)user") ?? ""
            broker.password = environment["STOMP_PASSWORD"] ?? text("\(prefix)password") ?? ""
            if flag("\(prefix)ssl") == true { broker.tls = tls(prefix, number) }
            return broker
        }
    }

    private mutating func tls(_ prefix: String, _ number: Int) -> BrokerPool.TLS {
        let variable = "MCOLLECTIVE_\(connector.rawValue.uppercased())_POOL\(number)_SSL_"
        var tls = BrokerPool.TLS()
        tls.certificateFile = environment["\(variable)CERT"] ?? text("\(prefix)ssl.cert")
        tls.keyFile = environment["\(variable)KEY"] ?? text("\(prefix)ssl.key")
        tls.authorityFiles = (text("\(prefix)ssl.ca") ?? "").split(separator: ",").map { String($0).trimmingBlanks }
        tls.ciphers = text("\(prefix)ssl.ciphers")
        tls.fallsBackToUnverified = flag("\(prefix)ssl.fallback") ?? false
        tls.verifiesHost = flag("\(prefix)ssl.verify_host") ?? true
        guard !tls.fallsBackToUnverified else { return tls }
        if tls.certificateFile == nil { report("\(prefix)ssl.cert", .missing) }
        if tls.keyFile == nil { report("\(prefix)ssl.key", .missing) }
        if tls.authorityFiles.isEmpty { report("\(prefix)ssl.ca", .missing) }
        return tls
    }

    /// One broker of `host` and `port`, or a pool of `pool.host1` and so on.
    mutating func stompBrokers() -> [BrokerPool.Broker] {
        guard let size = count("pool.size") else {
            guard let host = environment["STOMP_SERVER"] ?? text("host") else {
                report("host", .missing)
                return []
            }
            let port = environment["STOMP_PORT"].flatMap(Int.init) ?? port("port") ?? 6163
            return [login(BrokerPool.Broker(host: host, port: port), "user", "password")]
        }
        return (0..<min(size, 1000)).compactMap { place in
            let number = place + 1
            guard let host = text("pool.host\(number)") else {
                report("pool.host\(number)", .missing)
                return nil
            }
            var broker = BrokerPool.Broker(host: host, port: port("pool.port\(number)") ?? 6163)
            // This connector has no files for it, so nothing can be verified.
            if flag("pool.ssl\(number)") == true { broker.tls = BrokerPool.TLS(fallsBackToUnverified: true) }
            return login(broker, "pool.user\(number)", "pool.password\(number)")
        }
    }

    private func login(_ broker: BrokerPool.Broker, _ user: String, _ password: String) -> BrokerPool.Broker {
        var broker = broker
        broker.user = environment["STOMP_USER"] ?? text(user) ?? ""
        broker.password = environment["STOMP_PASSWORD"] ?? text(password) ?? ""
        return broker
    }

    // MARK: Values

    func text(_ name: String) -> String? { values["\(connector.rawValue).\(name)"] }

    mutating func flag(_ name: String) -> Bool? {
        guard let text = text(name) else { return nil }
        let truth = ConfigurationReader.truth(text)
        if truth == nil { report(name, .notBoolean) }
        return truth
    }

    mutating func number(_ name: String) -> Double? {
        guard let text = text(name) else { return nil }
        guard let number = Double(text), number >= 0, number.isFinite else {
            report(name, .notNumber)
            return nil
        }
        return number
    }

    mutating func count(_ name: String) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), number >= 0 else {
            report(name, .notNumber)
            return nil
        }
        return number
    }

    private mutating func port(_ name: String) -> Int? {
        guard let number = count(name) else { return nil }
        guard (1...65535).contains(number) else {
            report(name, .notNumber)
            return nil
        }
        return number
    }

    private mutating func report(_ name: String, _ kind: ConfigurationProblem.Kind) {
        problems.append(
            ConfigurationProblem(
                file: "configuration", line: 0, key: "plugin.\(connector.rawValue).\(name)", kind: kind))
    }
}
