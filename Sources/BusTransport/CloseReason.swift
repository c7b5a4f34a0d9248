package import NIOCore
package import ZMTP

/// Why a connection ended.
package enum CloseReason: Sendable, Equatable {
    /// The peer closed it.
    case closedByPeer
    /// The peer closed it without having said a word, as a Salt minion does to see whether the port is open.
    case probe
    /// The peer broke the protocol, or refused us.
    case violation(ZMTPError)
    /// The handshake was not over in time.
    case handshakeTimeout(after: TimeAmount)
    /// The peer did not answer PING.
    case silent(for: TimeAmount)
    /// A newcomer announced the same identity.
    case replaced
    /// The peer does not read what we send.
    case sendQueueFull(SendQueueLimits)
    /// Unfinished messages took more memory than they may together, and this was the one to go.
    case memoryNeeded(heldBytes: Int)
    /// The listener has as many connections as it may.
    case tooManyConnections(limit: Int)
    /// The listener has as many connections as it may, and gave this one's place to another address.
    case displaced(limit: Int)
    /// A connection could not be made, or the system reported an error on it.
    case failed(String)
    /// A request was given up, and its connection with it.
    case requestAbandoned
    /// We closed it.
    case shutDown
}

extension CloseReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .closedByPeer: "peer closed the connection"
        case .probe: "peer closed the connection without a word"
        case .violation(let error): error.description
        case .handshakeTimeout(let timeout): "no ZMTP handshake within \(timeout.text)"
        case .silent(let silence): "peer was silent for \(silence.text) and did not answer PING"
        case .replaced: "a new connection with the same identity took over"
        case .sendQueueFull(let limits):
            "peer does not read: over \(limits.messages) messages or \(limits.bytes) bytes were waiting for it"
        case .memoryNeeded(let held):
            "unfinished messages of all peers took too much memory, this one \(held) bytes: raise the limit if they are honest"
        case .tooManyConnections(let limit): "there are \(limit) connections already: raise the limit"
        case .displaced(let limit):
            "there are \(limit) connections already, and this one's address has more than its share: raise the limit"
        case .failed(let cause): cause
        case .requestAbandoned: "the request was given up"
        case .shutDown: "we closed the connection"
        }
    }
}

extension TimeAmount {
    /// Milliseconds or seconds, for people.
    var text: String {
        let milliseconds = nanoseconds / 1_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }
}
