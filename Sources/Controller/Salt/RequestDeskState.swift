import BusTransport
import MusterCore
import NIOCore
import SaltProtocol

/// What `RequestDesk` remembers between requests. Owner: the desk's event loop.
final class RequestDeskState {
    /// A key that opens requests, ready to use, and what was sent under it lately: of one signed-in node, or in version 2
    /// of all nodes together.
    final class Session {
        let container: Container
        /// Checks the node's token; nil in version 2, where the sender is known only when the request is open.
        var proof: ProofToken?
        var replays: ReplayMemory

        init(container: Container, proof: ProofToken?, replays: ReplayMemory) {
            self.container = container
            self.proof = proof
            self.replays = replays
        }
    }

    /// The session of a node, with what it was made of.
    struct NodeSession {
        let session: Session
        let publicKey: PublicKey
        let epoch: Int64
        /// The key store's generation in which the node's key was last looked up.
        var keyGeneration: Int
    }

    /// Where an answer goes and what seals it.
    struct Reply {
        let connection: RouterConnection
        let session: Session
        let nonce: Nonce
    }

    /// What one request wants stored before it is answered.
    struct Pending {
        var writes: [StoreWrite] = []
        /// The return among the writes, with its place.
        var nodeReturn: (place: Int, JobEngine.StoredReturn)?
        let reply: Reply
    }

    var hosts: [RouterConnection: String] = [:]
    var sessions: [NodeID: NodeSession] = [:]
    /// What opens requests of version 2, with the publish key it was made of.
    var shared: (session: Session, key: KeyString)?
    /// Reused for every opened load.
    var opened = ByteBuffer()

    /// Collected in this tick: requests with something to store, and contacts, which nobody waits for.
    var pending: [Pending] = []
    var contacts: [StoreWrite] = []
    /// Submitted and not yet committed; bounded by the nodes' requests, each of which waits for its answer.
    var inFlight: [UInt64: [Pending]] = [:]
    private var batches: UInt64 = 0

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
