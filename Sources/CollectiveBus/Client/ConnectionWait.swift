import BusTransport
import STOMP

/// Whether a client is connected, and who waits for that.
struct ConnectionWait {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Void, any Error>)
        case decided(Result<Void, any Error>)
    }

    private var state = State.idle
    /// Refusals in a row.
    private var refusals = 0
    private(set) var broker: String?
    private(set) var lastFailure: StompFailure?

    /// Somebody waits for the first connection.
    mutating func begin(_ continuation: CheckedContinuation<Void, any Error>) {
        switch state {
        case .idle, .waiting: state = .waiting(continuation)
        case .decided(let result): continuation.resume(with: result)
        }
    }

    mutating func connected(to server: String) {
        broker = server
        lastFailure = nil
        refusals = 0
        decide(.success(()))
    }

    /// The waiting is over without a connection.
    mutating func fail(_ error: any Error) { decide(.failure(error)) }

    /// The connection has gone, or could not be made. When each broker of the pool has refused us, waiting would not help.
    mutating func disconnected(from server: String, _ reason: StompFailure, poolSize: Int) {
        broker = nil
        switch reason {
        case .session(.refusedByPeer), .tls:
            refusals += 1
            if refusals >= poolSize { fail(CollectiveClientError.refused(broker: server, reason)) }
        case .gaveUp: fail(CollectiveClientError.gaveUp(broker: server, last: lastFailure))
        case .shutDown: fail(CollectiveClientError.closed)
        case .unreachable, .closedByPeer, .session: refusals = 0
        }
        lastFailure = reason
    }

    private mutating func decide(_ result: Result<Void, any Error>) {
        switch state {
        case .idle: state = .decided(result)
        case .waiting(let continuation):
            state = .decided(result)
            continuation.resume(with: result)
        case .decided: break
        }
    }
}
