/// Which conventions the two ends agree on for a broker: the option `connector`.
package enum Connector: String, Hashable, Sendable, CaseIterable {
    /// Exchanges; replies over queues that RabbitMQ makes for the sender, or over an exchange.
    case rabbitmq
    /// Topics and queues; one queue for all directed requests, told apart by selectors.
    case activemq
    /// The connector of releases up to 2.2, for brokers without any of that: clients see each other's replies.
    case stomp
}

/// A header of a frame. The order is that of the peers; what the frame itself needs (`content-length`) is not among them.
package struct FrameHeader: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// One subscription of a node or a client.
package struct CollectiveSubscription: Hashable, Sendable {
    package var destination: String
    /// The id from STOMP 1.1 on; in 1.0 none is sent.
    package var id: String
    /// Which messages of a queue are meant.
    package var selector: String?
    /// A header without meaning, which nodes send with the rabbitmq connector.
    package var replyTo: String?
    /// What a request that comes in here must be; nil for replies.
    package var arrival: RequestRules.Arrival?

    /// The headers of SUBSCRIBE.
    ///
    /// - Parameter withID: Whether STOMP 1.1 or later was agreed on.
    package func subscribeHeaders(withID: Bool) -> [FrameHeader] {
        var headers: [FrameHeader] = []
        if let selector { headers.append(.init("selector", selector)) }
        if let replyTo { headers.append(.init("reply-to", replyTo)) }
        headers.append(.init("destination", destination))
        if withID { headers.append(.init("id", id)) }
        return headers
    }

    /// The headers of UNSUBSCRIBE.
    package func unsubscribeHeaders(withID: Bool) -> [FrameHeader] {
        [.init("destination", destination)] + (withID ? [.init("id", id)] : [])
    }
}

/// What a program says to a broker first.
package struct ConnectRequest: Hashable, Sendable {
    package var connector: Connector
    package var virtualHost: String
    /// Empty: neither name nor password are sent.
    package var login: String
    package var passcode: String
    /// Seconds; zero is none, and up to thirty is thirty.
    package var heartbeatInterval: Int
    /// Whether STOMP 1.0 is accepted when heart-beats are wanted and the broker has none.
    package var acceptsVersion10: Bool

    package init(
        connector: Connector, virtualHost: String, login: String, passcode: String, heartbeatInterval: Int = 0,
        acceptsVersion10: Bool = true
    ) {
        self.connector = connector
        self.virtualHost = virtualHost
        self.login = login
        self.passcode = passcode
        self.heartbeatInterval = heartbeatInterval
        self.acceptsVersion10 = acceptsVersion10
    }

    /// The headers of CONNECT.
    ///
    /// Source: MCollective 2.12, `plugins/mcollective/connector/activemq.rb`, `connection_headers`.
    package var headers: [FrameHeader] {
        var headers: [FrameHeader] = []
        if connector != .stomp {
            let versions = heartbeatInterval == 0 ? "1.0" : acceptsVersion10 ? "1.1,1.0" : "1.1"
            headers += [.init("accept-version", versions), .init("host", virtualHost)]
            if heartbeatInterval > 0 {
                let milliseconds = max(30, heartbeatInterval) * 1000
                headers.append(.init("heart-beat", "\(milliseconds + 500),\(milliseconds - 500)"))
            }
        }
        if !login.isEmpty { headers += [.init("login", login), .init("passcode", passcode)] }
        return headers
    }
}

extension ConnectRequest: CustomStringConvertible, CustomReflectable {
    /// Without the password.
    package var description: String { "\(connector.rawValue) connection to \(virtualHost) as \(login)" }
    package var customMirror: Mirror { Mirror(self, children: ["login": login]) }
}
