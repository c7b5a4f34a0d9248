/// The brokers that a configuration names, in the order in which they are tried, and how.
///
/// Source: section 2.3 of the protocol reference.
package struct BrokerPool: Hashable, Sendable {
    /// One broker.
    package struct Broker: Hashable, Sendable {
        package var host: String
        package var port: Int
        /// Empty: neither name nor password are sent.
        package var user = ""
        package var password = ""
        /// Nil: no TLS.
        package var tls: TLS?
    }

    /// How a broker is trusted.
    package struct TLS: Hashable, Sendable {
        package var certificateFile: String?
        package var keyFile: String?
        /// Several may stand there.
        package var authorityFiles: [String] = []
        package var ciphers: String?
        /// Whether the broker's certificate must be for its name: `ssl.verify_host`, an option of ours. The peers never look.
        package var verifiesHost = true
        /// Whether the broker is not verified when one of the three files is missing. The peers do that only when asked.
        package var fallsBackToUnverified = false
    }

    package var brokers: [Broker]
    /// Seconds before the second attempt, its growth, and its limit.
    package var initialDelay = 0.01
    package var delayMultiplier = 2.0
    package var maxDelay = 30.0
    package var grows = true
    /// Zero: without end.
    package var maxAttempts = 0
    package var isShuffled = false
    /// Seconds for one connection.
    package var connectTimeout = 30.0
    /// Seconds; zero is none.
    package var heartbeatInterval = 0
    package var acceptsVersion10 = true
    package var maxMissedHeartbeats = 2
    /// Whether bodies are base64 within their frames.
    package var isBase64 = false
    package var multiplexesAgents = false
    package var virtualHost: String
    package var usesReplyExchange = false
    package var priority = 0

    /// Reads the pool of the configured connector.
    ///
    /// - Parameters:
    ///   - environment: `STOMP_USER` and `STOMP_PASSWORD` come before the file, and for the stomp connector `STOMP_SERVER`
    ///     and `STOMP_PORT`; `MCOLLECTIVE_RABBITMQ_POOL1_SSL_CERT` and its like before the files of TLS.
    ///   - problems: Gets what is missing or wrong.
    package init(
        _ configuration: CollectiveConfiguration, environment: [String: String] = [:],
        problems: inout [ConfigurationProblem]
    ) {
        var options = PoolOptions(configuration, environment)
        virtualHost = configuration.connector == .activemq ? "mcollective" : "/"
        brokers = configuration.connector == .stomp ? options.stompBrokers() : options.brokers()
        let tuning = configuration.connector == .stomp ? "pool." : ""
        initialDelay = options.number("\(tuning)initial_reconnect_delay") ?? initialDelay
        delayMultiplier = options.number("\(tuning)back_off_multiplier") ?? delayMultiplier
        maxDelay = options.number("\(tuning)max_reconnect_delay") ?? maxDelay
        grows = options.flag("\(tuning)use_exponential_back_off") ?? grows
        maxAttempts = options.count("\(tuning)max_reconnect_attempts") ?? maxAttempts
        isShuffled = options.flag("\(tuning)randomize") ?? isShuffled
        connectTimeout = options.number("\(tuning)connect_timeout") ?? connectTimeout
        isBase64 = options.flag("base64") ?? isBase64
        priority = options.count("priority") ?? priority
        if configuration.connector != .stomp {
            heartbeatInterval = options.count("heartbeat_interval") ?? heartbeatInterval
            acceptsVersion10 = options.flag("stomp_1_0_fallback") ?? acceptsVersion10
            maxMissedHeartbeats = options.count("max_hbread_fails") ?? maxMissedHeartbeats
            multiplexesAgents = options.flag("agents_multiplex") ?? multiplexesAgents
            virtualHost = options.text("vhost") ?? virtualHost
        }
        if configuration.connector == .rabbitmq {
            usesReplyExchange = options.flag("use_reply_exchange") ?? usesReplyExchange
        }
        problems += options.problems
    }

    /// What is said to one of the brokers first.
    package func connectRequest(_ connector: Connector, to broker: Broker) -> ConnectRequest {
        ConnectRequest(
            connector: connector, virtualHost: virtualHost, login: broker.user, passcode: broker.password,
            heartbeatInterval: heartbeatInterval, acceptsVersion10: acceptsVersion10)
    }
}

extension BrokerPool.Broker: CustomStringConvertible, CustomReflectable {
    /// Without the password.
    package var description: String { "\(host):\(port)" }
    package var customMirror: Mirror { Mirror(self, children: ["host": host, "port": port, "user": user]) }
}
