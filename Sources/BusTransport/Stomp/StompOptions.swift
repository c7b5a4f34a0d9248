package import NIOCore
package import STOMP

/// How a `StompClient` behaves.
package struct StompOptions: Sendable {
    /// The brokers, in the order in which they are tried.
    package var servers: [StompServer]
    /// How attempts to connect follow each other.
    package var policy = ServerPool<StompServer>.Policy()
    /// The virtual host; nil names none.
    package var virtualHost: String?
    package var versions = Version.allCases
    /// Half-open connections are found by these, where the broker takes part.
    package var heartBeat = HeartBeatOffer(sends: .seconds(30), wants: .seconds(30))
    package var limits = Limits()
    /// From the attempt to the TCP connection.
    package var connectTimeout: TimeAmount = .seconds(30)
    /// How long the broker may take for CONNECTED, TLS included, and for the receipt of DISCONNECT.
    package var answerTimeout: TimeAmount = .seconds(30)
    /// What may wait for a broker that is away or does not read.
    package var outbox = SendQueueLimits(messages: 200_000, bytes: 128 << 20)

    package init(servers: [StompServer]) { self.servers = servers }

    var session: ClientSession.Configuration {
        ClientSession.Configuration(
            versions: versions, host: virtualHost, heartBeat: heartBeat, limits: limits, answerTimeout: answerTimeout)
    }
}

/// Why there is no connection to a broker, or none any more.
package enum StompFailure: Error, Sendable, Hashable {
    /// No connection, or the system ended it: in the system's words.
    case unreachable(String)
    /// The broker said ERROR, broke the protocol, or was silent.
    case session(STOMPError)
    case tls(String)
    case closedByPeer
    /// We closed it.
    case shutDown
    /// There were as many attempts as there may be.
    case gaveUp(attempts: Int)
}

extension StompFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreachable(let cause), .tls(let cause): cause
        case .session(let error): error.description
        case .closedByPeer: "the broker closed the connection"
        case .shutDown: "we closed the connection"
        case .gaveUp(let attempts): "no broker after \(attempts) attempts"
        }
    }
}
