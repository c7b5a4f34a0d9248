package import BusTransport

/// Why a client cannot ask.
package enum CollectiveClientError: Error, Hashable, Sendable {
    /// Every broker of the pool refused us.
    case refused(broker: String, StompFailure)
    /// No broker took us in time.
    case notConnected(broker: String, within: Duration, last: StompFailure?)
    /// Attempts are limited, and over.
    case gaveUp(broker: String, last: StompFailure?)
    case closed
}

extension CollectiveClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .refused(let broker, let failure): "\(broker) refuses: \(failure)"
        case .notConnected(let broker, let time, let last):
            "no connection to \(broker) within \(time.components.seconds) seconds"
                + (last.map { ": \($0)" } ?? "")
        case .gaveUp(let broker, let last): "no connection to \(broker)" + (last.map { ": \($0)" } ?? "")
        case .closed: "the connection was closed"
        }
    }
}
