import BusTransport
import MCollectiveProtocol
import NIOCore
import STOMP

extension StompOptions {
    /// How to reach the brokers of a configuration.
    init(_ setup: CollectiveSetup) {
        let pool = setup.pool
        self.init(servers: pool.brokers.map { StompServer($0) })
        policy = .init(
            initialDelay: max(.milliseconds(10), StompOptions.amount(pool.initialDelay)),
            maxDelay: max(.milliseconds(10), StompOptions.amount(pool.maxDelay)),
            multiplier: pool.grows ? Int64(min(max(1, pool.delayMultiplier.rounded()), 1000)) : 1,
            maxAttempts: pool.maxAttempts > 0 ? pool.maxAttempts : nil, isShuffled: pool.isShuffled)
        virtualHost = setup.configuration.connector == .stomp ? nil : pool.virtualHost
        if !pool.acceptsVersion10 { versions = [.v1_1, .v1_2] }
        // Unlike the peers, we always ask for heart-beats: without them a connection that is gone looks like a quiet one.
        let interval = TimeAmount.seconds(pool.heartbeatInterval > 0 ? max(30, Int64(pool.heartbeatInterval)) : 30)
        heartBeat = HeartBeatOffer(sends: interval, wants: interval)
        if pool.connectTimeout > 0 { connectTimeout = StompOptions.amount(pool.connectTimeout) }
    }

    /// For what runs on its own, and must not give up because of a limit that is meant for people.
    var withoutEnd: StompOptions {
        var options = self
        options.policy.maxAttempts = nil
        return options
    }

    /// At most a day.
    private static func amount(_ seconds: Double) -> TimeAmount {
        .milliseconds(Int64(min(max(0, seconds), 86_400) * 1000))
    }
}

extension StompServer {
    fileprivate init(_ broker: BrokerPool.Broker) {
        self.init(
            Endpoint(host: broker.host, port: broker.port), login: broker.user.isEmpty ? nil : broker.user,
            passcode: broker.user.isEmpty ? nil : broker.password, tls: broker.tls.map { StompTLS($0) })
    }
}

extension StompTLS {
    fileprivate init(_ files: BrokerPool.TLS) {
        self.init()
        let isComplete =
            files.certificateFile != nil && files.keyFile != nil && !files.authorityFiles.isEmpty
        guard isComplete || !files.fallsBackToUnverified else {
            verification = .none
            return
        }
        if !files.verifiesHost { verification = .authorityOnly }
        authorityFiles = files.authorityFiles
        certificateFile = files.certificateFile
        keyFile = files.keyFile
    }
}
