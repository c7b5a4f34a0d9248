package import NIOCore

/// What a caller of this target has to deal with.
package enum BusError: Error, Sendable, Equatable {
    /// The port is taken.
    case addressInUse(Endpoint)
    /// The port is one that only root may take.
    case permissionDenied(Endpoint)
    /// The endpoint cannot be bound for another reason.
    case cannotBind(Endpoint, cause: String)
    /// No reply came in time.
    case timedOut(Endpoint, after: TimeAmount, lastFailure: CloseReason?)
    /// The connection ended while a reply was awaited.
    case connectionLost(Endpoint, CloseReason)
    /// More requests wait than may.
    case tooManyRequests(limit: Int)
    /// The peers that are there cannot take more messages, or there are none.
    case sendQueueFull
    /// The socket has been shut down.
    case shutDown
}

extension BusError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .addressInUse(let endpoint):
            "\(endpoint) is in use: stop the program that has it (ss -ltnp), or configure another port"
        case .permissionDenied(let endpoint):
            "no permission to bind \(endpoint): ports below 1024 need root or CAP_NET_BIND_SERVICE"
        case .cannotBind(let endpoint, let cause):
            "cannot bind \(endpoint): \(cause)"
        case .timedOut(let endpoint, let timeout, let failure):
            "no reply from \(endpoint) within \(timeout.text)" + (failure.map { " (\($0))" } ?? "")
        case .connectionLost(let endpoint, let reason):
            "connection to \(endpoint) lost before the reply: \(reason)"
        case .tooManyRequests(let limit):
            "\(limit) requests are waiting already: wait for some of them first"
        case .sendQueueFull:
            "no peer can take the message: none is connected, or all have full queues"
        case .shutDown:
            "the socket has been shut down"
        }
    }
}
