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

    /// A request that is answered when what it wants stored is committed.
    struct Pending {
        /// Its writes among those of its batch.
        var writes: Range<Int>
        /// What a return took of the node's allowance, given back when it was expected.
        var cost = 0
        let reply: Reply
    }

    /// What requests of one tick want stored together.
    struct Batch {
        var writes: [StoreWrite] = []
        var requests: [Pending] = []

        /// The last write of a request is its return, or an event.
        mutating func add(_ writes: [StoreWrite] = [], last: StoreWrite, cost: Int = 0, _ reply: Reply) {
            let start = self.writes.count
            self.writes += writes
            self.writes.append(last)
            requests.append(Pending(writes: start..<self.writes.count, cost: cost, reply: reply))
        }

        /// One of the requests as a batch of its own.
        func alone(_ request: Pending) -> Batch {
            let writes = Array(writes[request.writes])
            return Batch(
                writes: writes,
                requests: [Pending(writes: writes.indices, cost: request.cost, reply: request.reply)])
        }
    }

    /// A peer of the request port.
    final class Peer {
        let host: String
        /// Whether a request of it passed every check.
        var isProved = false

        init(host: String) { self.host = host }
    }

    var peers: [RouterConnection: Peer] = [:]
    let sessions: RequestSessions
    /// Reused for every opened load.
    var opened = ByteBuffer()

    /// Collected in this tick: what requests wait for, and contacts, which nobody waits for.
    var batch = Batch()
    var contacts: [StoreWrite] = []
    /// Whether what is collected will be submitted soon, besides at the end of the port's ticks.
    var isCollecting = false
    /// Submitted and not yet committed; bounded by the nodes' requests, each of which waits for its answer.
    var inFlight: [UInt64: Batch] = [:]
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
