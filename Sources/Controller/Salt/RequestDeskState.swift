import BusTransport
import MusterCore
import NIOCore
import SaltProtocol

/// What `RequestDesk` remembers between requests. Owner: the desk's event loop.
final class RequestDeskState {
    /// Where an answer goes and what seals it.
    struct Reply {
        let connection: RouterConnection
        let session: RequestSession
        let nonce: Nonce
    }

    /// What one request wants stored before it is answered.
    struct Pending {
        var writes: [StoreWrite] = []
        /// The return among the writes, with its place.
        var nodeReturn: (place: Int, JobEngine.StoredReturn)?
        /// What the return took of the node's allowance, given back when it was expected.
        var cost = 0
        let reply: Reply
    }

    /// A peer of the request port.
    struct Peer {
        let host: String
        /// Whether a request of it passed every check.
        var isProved = false
    }

    var peers: [RouterConnection: Peer] = [:]
    let sessions: RequestSessions
    /// Reused for every opened load.
    var opened = ByteBuffer()

    /// Collected in this tick: requests with something to store, and contacts, which nobody waits for.
    var pending: [Pending] = []
    var contacts: [StoreWrite] = []
    /// Whether what is collected will be submitted soon, besides at the end of the port's ticks.
    var isCollecting = false
    /// Submitted and not yet committed; bounded by the nodes' requests, each of which waits for its answer.
    var inFlight: [UInt64: [Pending]] = [:]
    private var batches: UInt64 = 0

    init(_ sessions: RequestSessions) { self.sessions = sessions }

    /// Names a batch that goes to the store.
    func nextBatch() -> UInt64 {
        batches += 1
        return batches
    }

    /// Gives a buffer back to the system that an uncommonly large load has grown.
    func trimOpened() {
        if opened.capacity > RequestDeskState.usualBytes { opened = ByteBuffer() }
    }

    private static let usualBytes = 256 << 10
}
